/**
 * Makes the desk's pages live: fetches the page again and puts in the parts that changed; counts clocks down; small helps.
 */

import { spoken } from "./seat_clock.js";

const EVERY = Number(document.querySelector("[data-refresh]")?.getAttribute("data-refresh") ?? 0) * 1000;

/** Whether somebody is typing or choosing inside a part. @param {Element} part */
const busy = (part) => part.contains(document.activeElement) && document.activeElement !== document.body;

/** Put the parts of a freshly drawn page in the place of the old ones, where they differ. @param {Document} fresh */
function swap(fresh) {
  for (const part of document.querySelectorAll("[data-live]")) {
    const other = fresh.getElementById(part.id);
    if (other && !busy(part) && other.outerHTML !== part.outerHTML) part.replaceWith(document.importNode(other, true));
  }
  tick();
}

async function refresh() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    // The next round tries again; what stands on the page stays.
  }
}

/** Clocks that run down to a moment: the server's words stay where a script does not run. */
function tick() {
  for (const clock of document.querySelectorAll("[data-until]")) {
    const left = Date.parse(clock.getAttribute("data-until") ?? "") - Date.now();
    const seconds = Math.max(0, Math.floor(left / 1000));
    const parts = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((n) => String(Math.floor(n)).padStart(2, "0"));
    clock.textContent = parts.join(":");
  }
}

/** when a session's clock was first seen here, by a clock that only goes forward @type {WeakMap<Element, number>} */
const seen = new WeakMap();

/** A session's clock runs on from where it stood when the page was drawn: down to nothing, then up again as what is over. */
function runOn() {
  for (const clock of document.querySelectorAll("[data-clock]")) {
    if (!seen.has(clock)) seen.set(clock, performance.now());
    const gone = Math.floor((performance.now() - /** @type {number} */ (seen.get(clock))) / 1000);
    const word = clock.getAttribute("data-clock");
    const at = Number(clock.getAttribute("data-seconds")) + (word === "left" ? -gone : gone);
    const now = at < 0 ? "over" : word;
    clock.classList.toggle("clock--over", now === "over");
    clock.textContent = (clock.getAttribute(`data-${now}`) ?? "").replace("{}", spoken(Math.abs(at)));
  }
}

document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  if (target.closest("[data-print]")) print();
});

document.addEventListener("change", (event) => {
  const box = /** @type {HTMLInputElement} */ (event.target);
  if (!box.matches("[data-all]")) return;
  for (const other of box.form?.querySelectorAll("input[type=checkbox][name]") ?? []) {
    /** @type {HTMLInputElement} */ (other).checked = box.checked;
  }
});

tick();
runOn();
setInterval(tick, 1000);
setInterval(runOn, 1000);
if (EVERY) setInterval(refresh, EVERY);
