/**
 * The seats' page: how long a link on the screen still works, counted from the seconds the server said.
 */

const began = performance.now();

function countDown() {
  for (const clock of document.querySelectorAll("[data-left]")) {
    const left = Math.max(0, Math.ceil(Number(clock.getAttribute("data-left")) - (performance.now() - began) / 1000));
    clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    clock.closest(".slip")?.classList.toggle("slip--over", left === 0);
  }
}

countDown();
setInterval(countDown, 500);
