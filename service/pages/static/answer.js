// The respondent's pages work without this. With it the code need not be pasted, the statements done are counted, a
// lost connection loses nothing, for each step is fetched while the form stays on the page, and the code is exchanged
// for a token that nobody can tie to it. No answer is stored anywhere; what the right to answer hangs on is, until the
// answers have arrived.
"use strict";

const PATIENCE = 20000;
const DRAWER = "redwood.";

// Takes the code after the # to the statements: a fragment is never sent with an address, and this takes it out of the
// address bar and the history at once. Only what has the shape of a code is one; other fragments name a place.
function begin() {
  const code = window.location.hash.slice(1);
  if (code.indexOf(".") < 1) return;
  window.history.replaceState(null, "", window.location.pathname);
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action: "/answer", hidden: true });
  for (const [name, value] of [["token", code], ["lang", document.documentElement.lang]]) {
    form.append(Object.assign(document.createElement("input"), { name, value }));
  }
  document.body.append(form);
  leaving = true;
  form.submit();
}

// The count stands in sight all the time, and is spoken at the half and at the end only.
function count() {
  const line = document.getElementById("progress");
  if (!line) return;
  const bar = line.querySelector("progress");
  const done = document.querySelectorAll("#asked > .statement input:checked").length;
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
  ready();
}

function ready() {
  unfold();
  count();
  secure().catch(() => {});
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

// Programs that open the links in letters, to look for harm, must not use the codes up: a person is awaited, and is
// told by what she does.
let arrive;
const somebody = new Promise((resolve) => {
  arrive = resolve;
});
for (const sign of ["pointermove", "pointerdown", "touchstart", "wheel", "keydown", "click", "change"]) {
  window.addEventListener(sign, (event) => event.isTrusted && arrive(), { capture: true, passive: true });
}

// A code is exchanged once only. So what its token hangs on is kept before anything is asked, by a name that does not
// give the code away, and a page loaded again, or another tab, goes on with the same.
const tokens = new Map();

function kept(name) {
  try {
    return JSON.parse(window.localStorage.getItem(DRAWER + name));
  } catch (error) {
    return null;
  }
}

function keep(name, mine) {
  const text = JSON.stringify(mine);
  try {
    window.localStorage.setItem(DRAWER + name, text);
    if (window.localStorage.getItem(DRAWER + name) === text) return;
  } catch (error) {
    // A browser may be told to keep nothing.
  }
  throw new Unable();
}

function forget(token) {
  try {
    for (const name of Object.keys(window.localStorage).filter((it) => it.startsWith(DRAWER))) {
      const mine = kept(name.slice(DRAWER.length));
      if (mine && mine.token === token) window.localStorage.removeItem(name);
    }
  } catch (error) {
    // Where nothing could be kept there is nothing to forget.
  }
}

// This browser cannot make a token: it keeps nothing, or the module does not run in it.
class Unable extends Error {}

async function loaded(address) {
  try {
    return await import(address);
  } catch (error) {
    // Browsers may remember that an address failed.
    return import(`${address}&again=1`).catch(() => {
      throw new Unable();
    });
  }
}

async function exchanged(invitation, { module, fingerprint }) {
  const { begin, exchange, nameOf, Forged } = await loaded(module);
  const name = nameOf(invitation);
  const mine = kept(name) || { ...begin(), fingerprint };
  if (mine.fingerprint !== fingerprint) throw new Forged();
  if (mine.token) return mine.token;
  keep(name, mine);
  await somebody;
  try {
    mine.token = await exchange(patiently, invitation, mine, fingerprint);
  } catch (error) {
    // Two tabs may have begun at the same moment: the one that came first has it.
    const other = error.name === "Refused" && kept(name);
    if (!other || !other.token) throw error;
    return other.token;
  }
  keep(name, mine);
  return mine.token;
}

function tokenFor(form) {
  const invitation = form.elements.token.value;
  if (!tokens.has(invitation)) {
    const coming = exchanged(invitation, form.dataset);
    coming.catch(() => tokens.delete(invitation));
    tokens.set(invitation, coming);
  }
  return tokens.get(invitation);
}

// Whether the form may be sent as it stands; throws when the service could not be reached.
async function secure() {
  const form = document.getElementById("answers");
  if (!form || !form.dataset.module) return true;
  hold("making");
  try {
    form.elements.token.value = await tokenFor(form);
  } catch (error) {
    return without(form, error);
  }
  delete form.dataset.module;
  hold("unlinkable");
  return true;
}

function without(form, error) {
  if (error.name === "Refused") return end("refused-words");
  if (error.name === "Forged") return end("forged-words");
  if (!(error instanceof Unable)) {
    hold("later");
    throw error;
  }
  if ("plain" in form.dataset) {
    hold("plain");
    return true;
  }
  hold("none");
  document.getElementById("cannot").hidden = false;
  document.getElementById("asked").remove();
  return false;
}

function hold(state) {
  for (const it of document.querySelectorAll("[data-holds]")) it.hidden = !it.dataset.holds.split(" ").includes(state);
}

// Statements that can be answered with a script only wait in a template.
function unfold() {
  const whole = document.getElementById("whole");
  if (!whole) return;
  document.getElementById("cannot").hidden = true;
  whole.replaceWith(whole.content);
}

function end(words) {
  const said = document.getElementById(words);
  const ending = document.createElement("div");
  const head = document.createElement("h1");
  head.textContent = said.dataset.title;
  ending.className = "ending";
  ending.append(head, said.content);
  document.title = `${said.dataset.title} · Redwood`;
  document.getElementById("content").replaceChildren(ending);
  for (const it of document.querySelectorAll(".masthead nav, .masthead button")) it.remove();
  steps = [];
  focus("");
  return false;
}

async function patiently(address, options) {
  const stop = new AbortController();
  const timer = window.setTimeout(() => stop.abort(), PATIENCE);
  try {
    const reply = await fetch(address, Object.assign({ signal: stop.signal }, options));
    return new Response(await reply.text(), { status: reply.status, headers: reply.headers });
  } finally {
    window.clearTimeout(timer);
  }
}

// Whatever is no page of this service (of a network's sign-in, of a proxy) has not taken the form.
async function post(address, fields) {
  const sent = { method: "POST", body: fields, cache: "no-store", credentials: "omit", redirect: "error" };
  const reply = await patiently(address, sent);
  const found = new DOMParser().parseFromString(await reply.text(), "text/html");
  if (reply.status >= 500 || !found.body.classList.contains("answering")) throw new Error("not taken");
  const { lang, dir } = found.documentElement;
  return { body: found.body, title: found.title, lang, dir };
}

// Every form of a pulse is as long as every other, whatever was chosen and whoever chose it.
function filledUp(form, button) {
  const fields = new URLSearchParams(new FormData(form));
  if (button.name) fields.append(button.name, button.value);
  fields.append("pad", "");
  fields.set("pad", "0".repeat(Math.max(0, Number(form.dataset.size) - fields.toString().length)));
  return fields;
}

async function take(form, button) {
  const [address, place] = (button.getAttribute("formaction") || form.getAttribute("action")).split("#");
  const words = button.textContent;
  const notice = document.getElementById("lost");
  notice.textContent = "";
  sending = true;
  arrive();
  button.setAttribute("aria-disabled", "true");
  if (button.dataset.busy) button.textContent = button.dataset.busy;
  let page = null;
  try {
    // The form is read when the token is in it; another language needs none.
    if (address === "/answer" || (await secure())) page = await post(address, filledUp(form, button));
  } catch (error) {
    lost(notice, button);
  }
  sending = false;
  button.removeAttribute("aria-disabled");
  if (button.dataset.busy) button.textContent = words;
  if (!page) return;
  if (page.body.querySelector("#arrived")) forget(form.elements.token.value);
  turn(page, place);
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
  else secure().catch(() => {});
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
unfold();
count();
// The page is there to be read first.
window.addEventListener("load", ready);
