/**
 * The seats' page: how long a link on the screen still works, counted from the seconds the server said; which tablets wait.
 */

const began = performance.now();

function countDown() {
  for (const clock of document.querySelectorAll("[data-left]")) {
    const left = Math.max(0, Math.ceil(Number(clock.getAttribute("data-left")) - (performance.now() - began) / 1000));
    clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    clock.closest(".slip")?.classList.toggle("slip--over", left === 0);
  }
}

/** Who waits at the door now; the links on the page stay as they are. */
async function lookAtTheDoor() {
  const place = document.getElementById("live-waiting");
  if (!place || document.hidden) return;
  try {
    const answer = await fetch(location.pathname.startsWith("/chief") ? "/chief/seats" : "/console/seats", { headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live-waiting");
    const names = (/** @type {Element} */ one) => [...one.querySelectorAll("[name=wait]")].map((input) => input.getAttribute("value")).join(" ");
    if (fresh && names(fresh) !== names(place)) place.replaceWith(document.importNode(fresh, true));
  } catch {
    // The next round tries again.
  }
}

countDown();
setInterval(countDown, 500);
setInterval(lookAtTheDoor, 2000);
