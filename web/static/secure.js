/**
 * What a judge's page has over TLS besides: it opens while the server is away, and the screen stays on.
 *
 * Nothing of the page depends on it. Loaded only over TLS; where a browser refuses, everything is as it is without.
 */

/** The screen's lock, while it is held. @type {any} */
let held = null;

/** Whether the screen is kept on now. */
export const awake = () => !!held && !held.released;

/** Keep the screen on; browsers let go of it whenever the page is hidden. */
export async function stayAwake() {
  if (document.visibilityState !== "visible" || awake() || !("wakeLock" in navigator)) return;
  held = await /** @type {any} */ (navigator).wakeLock.request("screen").catch(() => null);
}

document.addEventListener("visibilitychange", stayAwake);
stayAwake();

/** The worker that opens this page without the server; rejects where this browser trusts the certificate by hand only. */
export const worker = navigator.serviceWorker?.register("/seat-worker.js", { updateViaCache: "none" });
worker?.catch(() => undefined);

let kept = false;

/**
 * Look whether the page opens without the server: a worker is at work here and has kept it. Whether this very page is under the
 * worker says nothing of that: one that was on its way while the worker began is not, and the next one is.
 */
export async function look() {
  kept = !!(await navigator.serviceWorker?.getRegistration())?.active && !!(await caches.match("/seat"));
  return kept;
}

/** The same as it was last seen. */
export function opens() {
  if (!kept) look().catch(() => undefined);
  return kept;
}
