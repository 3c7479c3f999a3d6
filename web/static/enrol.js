/**
 * Spends a seat's one-time link: takes the token out of the address before anything is fetched, sends it, goes on to its page.
 *
 * No static import: a module's imports are fetched before its first line runs, and a server that is slow or gone would leave the
 * token in the address and in the browser's history.
 */

const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname);

const page = new Promise((resolve) => (document.readyState === "loading" ? addEventListener("DOMContentLoaded", resolve, { once: true }) : resolve(null)));

const EVERY = 1000;
const KEPT = "compsys.enrol";

/** What this tablet drew for itself, kept over a reload of this page: it proves that it is the one whose words are compared. */
function handOf() {
  const drawn = sessionStorage.getItem(KEPT) ?? [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  sessionStorage.setItem(KEPT, drawn);
  return drawn;
}

/** @param {string} path @param {Record<string, string>} body */
const send = (path, body) => fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

/** The public half of a key of this tablet's own, made over TLS; "" where there is none. */
const keyed = () => (location.protocol === "https:" ? import("./device_key.js").then((key) => key.made(handOf())).catch(() => "") : "");

/** The four words stand large until the console has compared them. @param {number[]} picks */
async function show(picks) {
  const words = await import("./words.js");
  await page;
  const place = document.getElementById("enrol");
  if (!place || place.querySelector(".enrol__words")) return;
  const list = words.t("seat.seal_words").split(" ");
  const line = (/** @type {string} */ tag, /** @type {string} */ text, look = "") => Object.assign(document.createElement(tag), { textContent: text, className: look });
  place.replaceChildren(line("p", words.t("enrol.compare")), line("p", picks.map((at) => list[at]).join(" "), "enrol__words"), line("p", words.t("enrol.goes_on"), "q"));
}

/** At the door: ask until the console has said something; a lost line is not an answer. @param {any} told @returns {Promise<Response>} */
async function atTheDoor(told) {
  for (;;) {
    await show(told.words);
    await new Promise((resolve) => setTimeout(resolve, EVERY));
    const answer = await send("/enrol/wait", { hand: handOf() }).catch(() => null);
    if (!answer) continue;
    if (!answer.ok) return answer;
    const next = await answer.clone().json();
    if (!next.waits) return answer;
    told = next;
  }
}

/** @param {string} code @param {Record<string, string>} params */
async function refuse(code, params) {
  // Where not even the words can be had, the sentence that came with the page stands.
  const words = await import("./words.js").catch(() => null);
  await page;
  const place = document.getElementById("enrol");
  const unheard = document.getElementById("enrol-unheard");
  if (!place || !unheard) return;
  const box = document.createElement("div");
  box.className = "msg msg--stop";
  const svg = "http://www.w3.org/2000/svg";
  const icon = document.createElementNS(svg, "svg");
  icon.setAttribute("class", "i");
  icon.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(svg, "use");
  use.setAttribute("href", "/static/icons.svg#octagon");
  icon.append(use);
  const said = document.createElement("div");
  const fact = document.createElement("b");
  fact.textContent = words ? words.t(code, params) : unheard.textContent;
  said.append(fact, " ", words ? words.todo(code, params) : "");
  box.append(icon, said);
  place.replaceChildren(box);
}

try {
  // Opened again without its link, while it waits: it goes on waiting.
  const again = !token && sessionStorage.getItem(KEPT);
  let answer = again ? await send("/enrol/wait", { hand: handOf() }) : await send("/enrol", { token, hand: handOf(), public: await keyed() });
  let told = await answer.json();
  if (told.waits) {
    answer = await atTheDoor(told);
    told = await answer.json();
  }
  if (answer.ok && location.protocol === "https:") await import("./device_key.js").then((key) => key.settled(handOf(), told.store)).catch(() => undefined);
  sessionStorage.removeItem(KEPT);
  if (answer.ok) location.replace(told.next);
  else await refuse(told.code, told.params ?? {});
} catch {
  await refuse("enrol.no_server", {});
}
