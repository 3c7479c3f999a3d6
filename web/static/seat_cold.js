/**
 * Knows which seat this page is of, and lets it be opened again without the server on plain http, where there is no service worker.
 *
 * The same page stands at an address of its own, named by its version and language, which browsers may keep: nothing in it is of a
 * seat. Once the page stands, that address is fetched and shown, so a tab that is restored or opened again comes from the browser's
 * own keeping. Whose turn it is at the tablet (the name of a seat's database) stands in a cookie that server and scripts may read
 * and write; it is no secret.
 */

const COOKIE = location.protocol === "https:" ? "__Host-compsys_store" : "compsys_store";
const DAYS = 30;

const { dataset } = document.body;

/** @returns {string} */
function atWork() {
  const found = document.cookie.split("; ").find((one) => one.startsWith(`${COOKIE}=`));
  return decodeURIComponent(found?.slice(COOKIE.length + 1) ?? "");
}

// Read once: another window of this tablet may be another seat's.
const name = (dataset.live ? "" : atWork()) || dataset.store || "";

/** The name of the tablet's database, "" where none is known. */
export const storeName = () => name;

/** Which seat a request is of: a tablet may hold several. @param {string} store */
export const asSeat = (store) => `?as=${encodeURIComponent(store.slice(store.indexOf("/") + 1))}`;

/** This page's own seat in its requests. */
export const AS = dataset.live ? "" : asSeat(name);

/** What the tablet's own key, made when it was enrolled over TLS, makes of what the server asked; "" where there is none. @param {string} asked @param {string} [store] of another of its seats @returns {Promise<string>} */
export const proofOf = async (asked, store = name) => (location.protocol === "https:" ? import("./device_key.js").then((key) => key.proof(store, asked)).catch(() => "") : "");

/** A form's token as the server takes it: followed by the key's signature of it. @param {string} form @param {string} [store] */
export async function signedForm(form, store = name) {
  const proof = await proofOf(form, store);
  return proof ? `${form}.${proof}` : form;
}

/** Whose turn it is from the next page on. @param {string} store */
export function putToWork(store) {
  document.cookie = `${COOKIE}=${encodeURIComponent(store)};path=/;max-age=${DAYS * 86400};samesite=lax${COOKIE.startsWith("_") ? ";secure" : ""}`;
}

/** A kept page that knows no database gives way to the server's. */
export function misplaced() {
  if (!name) location.replace("/seat");
  return !name;
}

/** The address at which browsers keep this page, "" where they keep none. */
export const keptAt = () => (isSecureContext ? "" : dataset.cold || (dataset.store ? "" : location.pathname));

/** Where the page is drawn: keep it for the next time. */
export async function keepPage() {
  const { cold } = dataset;
  if (!dataset.store || !cold || isSecureContext) return;
  const answer = await fetch(cold).catch(() => null);
  if (answer?.ok) history.replaceState(null, "", cold);
}
