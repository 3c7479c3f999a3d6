/**
 * Opens the judge's page while the server is away: a service worker, which browsers allow over TLS only.
 *
 * The server writes VERSION and FILES above this text (web/seat.py). All of a version stands in one cache, so that a page never
 * meets the scripts of another one. The server is asked first for the page; only where it does not answer the kept one is shown.
 */

/* global VERSION, FILES */

const CACHE = `seat-${VERSION}`;
const PAGE = "/seat";
const ANSWERS_WITHIN = 4000;

const worker = /** @type {any} */ (self);

worker.addEventListener("install", (/** @type {any} */ event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)));
  worker.skipWaiting();
});

worker.addEventListener("activate", (/** @type {any} */ event) => {
  event.waitUntil(taken());
});

/** This version's cache is whole: the page is fetched into it, then the older ones go. */
async function taken() {
  await worker.clients.claim();
  await fetch(PAGE, { redirect: "manual" }).then(keep).catch(() => undefined);
  const cache = await caches.open(CACHE);
  if (!(await cache.match(PAGE))) return;
  for (const name of await caches.keys()) if (name.startsWith("seat-") && name !== CACHE) await caches.delete(name);
}

/** Keep a page if it is a judge's page of this version; whoever is turned away has none any more. @param {Response} answer */
async function keep(answer) {
  const cache = await caches.open(CACHE);
  if (answer.ok && (await answer.clone().text()).includes(`/static/${VERSION}/`)) await cache.put(PAGE, answer);
  else if (answer.status === 403 || answer.type === "opaqueredirect") await cache.delete(PAGE);
}

/** @param {Request} request */
async function page(request) {
  const waited = new AbortController();
  const timer = setTimeout(() => waited.abort(), ANSWERS_WITHIN);
  try {
    const answer = await fetch(request, { signal: waited.signal });
    await keep(answer.clone());
    return answer;
  } catch (error) {
    // An older version's page with its own scripts is as good, where this version's has not come yet.
    const kept = (await (await caches.open(CACHE)).match(PAGE)) ?? (await caches.match(PAGE));
    if (kept) return kept;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && url.pathname === PAGE) event.respondWith(page(request));
  else if (url.pathname.startsWith("/static/")) event.respondWith(caches.match(request, { ignoreVary: true }).then((kept) => kept ?? fetch(request)));
});
