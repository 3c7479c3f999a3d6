/**
 * Spends a seat's one-time link: takes the token out of the address before anything else is fetched, sends it, and goes on to the
 * seat's page.
 *
 * No static import: a module's imports are fetched before its first line runs, and a server that is slow or gone would leave the
 * token in the address and in the browser's history.
 */

const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname);

const page = new Promise((resolve) => (document.readyState === "loading" ? addEventListener("DOMContentLoaded", resolve, { once: true }) : resolve(null)));

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
  const answer = await fetch("/enrol", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
  });
  const told = await answer.json();
  if (answer.ok) location.replace(told.next);
  else await refuse(told.code, told.params ?? {});
} catch {
  await refuse("enrol.no_server", {});
}
