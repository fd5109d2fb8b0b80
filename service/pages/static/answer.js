// The respondent's pages work without this. With it the code need not be pasted, the statements done are counted, and
// a lost connection loses nothing: each step is fetched while the form stays on the page. Nothing is stored anywhere.
"use strict";

const PATIENCE = 20000;

// Hands the code after the # to the form: a fragment is never sent with an address, and this takes it out of the
// address bar and the history at once. Only what has the shape of a code is one; other fragments name a place.
function begin() {
  const token = document.getElementById("token");
  const code = window.location.hash.slice(1);
  if (!token || code.indexOf(".") < 1) return;
  window.history.replaceState(null, "", window.location.pathname);
  token.value = code;
  leaving = true;
  token.form.submit();
}

// The count stands in sight all the time, and is spoken at the half and at the end only.
function count() {
  const line = document.getElementById("progress");
  if (!line) return;
  const bar = line.querySelector("progress");
  const done = document.querySelectorAll("#answers > .statement input:checked").length;
  const words = line.dataset.words.replace("{number}", done);
  line.hidden = false;
  line.querySelector("p").textContent = words;
  if (done === bar.value) return;
  bar.value = done;
  const spoken = { [bar.max]: line.dataset.all, [Math.ceil(bar.max / 2)]: words }[done];
  if (spoken) line.querySelector("[role=status]").textContent = spoken;
}

// The steps gone through, in memory only, for the Back button; let go of once the answers have arrived.
let steps = [];
let step = 0;
let sending = false;
let leaving = false;

function here() {
  const { lang, dir } = document.documentElement;
  return { body: document.body, title: document.title, lang, dir, scroll: window.scrollY };
}

function show(page) {
  Object.assign(document.documentElement, { lang: page.lang, dir: page.dir });
  document.title = page.title;
  document.body = page.body;
  count();
}

function turn(page, place) {
  steps[step] = here();
  step += 1;
  steps.length = step;
  window.history.pushState({ step }, "");
  show(page);
  if (!document.getElementById("answers")) steps = [];
  focus(place);
}

function focus(place) {
  const group = place && document.getElementById(place);
  const head = document.querySelector("main .notice") || document.querySelector("h1");
  window.scrollTo(0, 0);
  if (group) {
    (group.querySelector("input:checked") || group.querySelector("input")).focus({ preventScroll: true });
    group.scrollIntoView();
  } else {
    head.tabIndex = -1;
    head.focus({ preventScroll: true });
  }
}

// Whatever is no page of this service (of a network's sign-in, of a proxy) has not taken the form.
async function post(address, fields) {
  const stop = new AbortController();
  const timer = window.setTimeout(() => stop.abort(), PATIENCE);
  try {
    const sent = { method: "POST", body: fields, cache: "no-store", credentials: "omit", redirect: "error" };
    const reply = await fetch(address, Object.assign(sent, { signal: stop.signal }));
    const found = new DOMParser().parseFromString(await reply.text(), "text/html");
    if (reply.status >= 500 || !found.body.classList.contains("answering")) throw new Error("not taken");
    const { lang, dir } = found.documentElement;
    return { body: found.body, title: found.title, lang, dir };
  } finally {
    window.clearTimeout(timer);
  }
}

async function take(form, button) {
  const [address, place] = (button.getAttribute("formaction") || form.getAttribute("action")).split("#");
  const fields = new URLSearchParams(new FormData(form));
  if (button.name) fields.append(button.name, button.value);
  const words = button.textContent;
  const notice = document.getElementById("lost");
  notice.textContent = "";
  sending = true;
  button.setAttribute("aria-disabled", "true");
  if (button.dataset.busy) button.textContent = button.dataset.busy;
  let page = null;
  try {
    page = await post(address, fields);
  } catch (error) {
    lost(notice, button);
  }
  sending = false;
  button.removeAttribute("aria-disabled");
  if (button.dataset.busy) button.textContent = words;
  if (page) turn(page, place);
}

// The very same form may be sent again and again: it counts once.
function lost(notice, button) {
  notice.append(document.getElementById("lost-words").content.cloneNode(true));
  notice.scrollIntoView({ block: "nearest" });
  const again = document.getElementById("again");
  again.addEventListener("click", () => {
    button.focus({ preventScroll: true });
    button.click();
  });
  again.focus({ preventScroll: true });
}

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button || !document.getElementById("lost")) {
    leaving = true;
    return;
  }
  event.preventDefault();
  if (!sending) take(event.target, button);
});

document.addEventListener("change", count);

// Enter on a choice would go on to the review, from the middle of the statements.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.type === "radio") event.preventDefault();
});

// An entry for the link would stand in the way of the Back button.
document.addEventListener("click", (event) => {
  if (!event.target.matches(".skip")) return;
  event.preventDefault();
  document.getElementById("content").focus();
});

window.addEventListener("online", () => {
  const again = document.getElementById("again");
  if (again) again.click();
});

window.addEventListener("popstate", (event) => {
  const to = event.state ? event.state.step : 0;
  const page = steps[to];
  if (!page) return;
  steps[step] = here();
  step = to;
  show(page);
  focus("");
  window.scrollTo(0, page.scroll);
});

// Whoever has chosen something and leaves without sending loses it: browsers ask once more.
window.addEventListener("beforeunload", (event) => {
  const chosen = document.querySelector("#answers .statement input:checked, #answers .review input");
  if (!chosen || leaving) return;
  event.preventDefault();
  event.returnValue = "";
});

window.addEventListener("hashchange", begin);
begin();
count();
