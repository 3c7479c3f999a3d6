/**
 * Spends a seat's one-time link: takes the token out of the address at once, sends it, and goes on to the seat's page.
 */

import { t, todo } from "./words.js";

const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname);

/** @param {string} code @param {Record<string, string>} params */
function refuse(code, params) {
  const place = document.getElementById("enrol");
  if (!place) return;
  const box = document.createElement("div");
  box.className = "msg msg--stop";
  const svg = "http://www.w3.org/2000/svg";
  const icon = document.createElementNS(svg, "svg");
  icon.setAttribute("class", "i");
  icon.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(svg, "use");
  use.setAttribute("href", "/static/icons.svg#octagon");
  icon.append(use);
  const words = document.createElement("div");
  const fact = document.createElement("b");
  fact.textContent = t(code, params);
  words.append(fact, " ", todo(code, params));
  box.append(icon, words);
  place.replaceChildren(box);
}

try {
  const answer = await fetch("/enrol", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
  });
  const told = await answer.json();
  if (answer.ok) location.replace(told.next);
  else refuse(told.code, told.params ?? {});
} catch {
  refuse("enrol.no_server", {});
}
