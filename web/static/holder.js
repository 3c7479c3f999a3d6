/**
 * The door of a private link: takes the token out of the address before anything is fetched, asks what is asked, goes on.
 *
 * The page of a shared view asks nothing: there the token alone opens. Every sentence comes with the page or with the answer, so
 * that a phone loads no catalogue.
 */

const KEPT = `compsys.door ${location.pathname}`;
const given = location.hash.slice(1);
if (given) history.replaceState(null, "", location.pathname + location.search);
// Kept in this tab alone, until it is used: another language is another load of the page.
if (given) sessionStorage.setItem(KEPT, given);
const token = sessionStorage.getItem(KEPT) ?? "";

// Another link opened in this very tab changes the fragment alone.
addEventListener("hashchange", () => location.reload());

await new Promise((resolve) => (document.readyState === "loading" ? addEventListener("DOMContentLoaded", resolve, { once: true }) : resolve(null)));

const door = /** @type {HTMLElement} */ (document.getElementById("door"));
const form = /** @type {HTMLFormElement | null} */ (document.getElementById("door-form"));

/** @param {string} id @param {boolean} there */
function show(id, there) {
  const found = document.getElementById(id);
  if (found) found.hidden = !there;
}

/** @param {string} said @param {string} todo */
function refuse(said, todo) {
  const box = /** @type {HTMLElement} */ (document.getElementById("door-said"));
  const [fact, more] = box.querySelectorAll("b, span");
  fact.textContent = said;
  more.textContent = todo;
  box.hidden = false;
  show("door-working", false);
}

function unheard() {
  const words = document.getElementById("door-unheard")?.dataset ?? {};
  refuse(words.said ?? "", words.todo ?? "");
}

/** @param {string | undefined} path @param {Record<string, string>} body */
async function send(path, body) {
  show("door-said", false);
  show("door-working", true);
  const answer = await fetch(path ?? "", { method: "POST", headers: { "content-type": "application/json", accept: "application/json" }, body: JSON.stringify(body) });
  const told = await answer.json();
  if (answer.ok) return told;
  refuse(told.said ?? told.code, told.todo ?? "");
  // A link that does not work is not tried again; a slow door or a wrong answer leaves it.
  if (answer.status === 403 && told.code === "holder.link_bad") {
    sessionStorage.removeItem(KEPT);
    if (form) form.hidden = true;
  }
  return null;
}

/** @param {string} next */
function onward(next) {
  sessionStorage.removeItem(KEPT);
  location.replace(next);
}

async function knock() {
  show("door-none", false);
  const told = await send(door.dataset.open, { token });
  if (told?.next) onward(told.next);
  if (!told?.asks || !form) return;
  show("door-working", false);
  for (const one of /** @type {NodeListOf<HTMLElement>} */ (door.querySelectorAll("[data-asks]"))) one.hidden = one.dataset.asks !== told.asks;
  const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("answer"));
  field.inputMode = told.asks === "phone" ? "numeric" : "text";
  form.hidden = false;
  field.focus();
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("answer"));
  const key = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
  key.disabled = true;
  send(door.dataset.enter, { token, answer: field.value })
    .then((told) => {
      if (told?.next) return onward(told.next);
      field.select();
    }, unheard)
    .finally(() => (key.disabled = false));
});

if (token) knock().catch(unheard);
