/**
 * Opens the page that checks certificates while there is no network: a service worker of its own, for /v alone.
 *
 * The server writes VERSION, FILES and PAGES above this text (web/credential.py). What is checked with (keys, lists, dictionaries) the
 * page keeps by itself, in another cache, which outlives the versions of this one.
 */

/* global VERSION, FILES, PAGES */

const CACHE = `check-${VERSION}`;
const PAGE = "/v";
const ANSWERS_WITHIN = 4000;

const worker = /** @type {any} */ (self);

worker.addEventListener("install", (/** @type {any} */ event) => {
  // Without cookies: the answer to a page in one language would make that the visitor's own.
  const pages = PAGES.map((/** @type {string} */ page) => new Request(page, { credentials: "omit" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([...FILES, ...pages])));
  worker.skipWaiting();
});

worker.addEventListener("activate", (/** @type {any} */ event) => {
  event.waitUntil(taken());
});

async function taken() {
  await worker.clients.claim();
  for (const name of await caches.keys()) if (name.startsWith("check-") && name !== CACHE && name !== "check-data") await caches.delete(name);
}

/** The page as the server has it, else as it was kept, in the language asked for. @param {Request} request @param {URL} url */
async function page(request, url) {
  const waited = new AbortController();
  const timer = setTimeout(() => waited.abort(), ANSWERS_WITHIN);
  try {
    return await fetch(request, { signal: waited.signal });
  } catch (error) {
    const cache = await caches.open(CACHE);
    const wished = url.searchParams.get("lang") ?? (worker.navigator.language.startsWith("zh") ? "zh-CN" : "en");
    const kept = await cache.match(`${PAGE}?lang=${wished}`);
    if (kept) return kept;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** A file: one named by its hash from the cache, any other from the server first. @param {Request} request @param {URL} url */
async function file(request, url) {
  const kept = await caches.match(request, { ignoreVary: true });
  if (kept && url.pathname.split("/").length > 3) return kept;
  try {
    return await fetch(request);
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && url.pathname === PAGE) event.respondWith(page(request, url));
  else if (url.pathname.startsWith("/static/")) event.respondWith(file(request, url));
});
