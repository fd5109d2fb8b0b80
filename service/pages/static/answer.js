// Hands the code after the # to the form, which posts it: a fragment is never sent with an address, and this takes
// it out of the address bar and the history at once. Without script the code is pasted into the field instead.
"use strict";

function begin() {
  const form = document.getElementById("begin");
  const code = window.location.hash.slice(1);
  if (!form || !code) return;
  window.history.replaceState(null, "", window.location.pathname);
  form.elements.token.value = code;
  form.submit();
}

window.addEventListener("hashchange", begin);
begin();
