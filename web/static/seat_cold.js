/**
 * Lets the page be opened again without the server on plain http, where there is no service worker.
 *
 * The same page stands at an address of its own, named by its version and language, which browsers may keep: nothing in it is of a
 * seat. Once the page stands, that address is fetched and shown, so a tab that is restored or opened again comes from the browser's
 * own keeping. Which database is the tablet's then stands in a cookie that scripts may read; it is no secret.
 */

const COOKIE = "compsys_store";
const DAYS = 30;

const { dataset } = document.body;
/** This page came from the browser's keeping, or might have. */
const kept = !dataset.store;

/** The name of the tablet's database, "" where none is known. @returns {string} */
export function storeName() {
  const found = document.cookie.split("; ").find((one) => one.startsWith(`${COOKIE}=`));
  return dataset.store || decodeURIComponent(found?.slice(COOKIE.length + 1) ?? "");
}

/** A kept page that knows no database, or another seat's, gives way to the server's. @param {string} [seat] whom the server takes this tablet for */
export function misplaced(seat) {
  if (!kept || (storeName() && (!seat || storeName().endsWith(`/${seat}`)))) return false;
  location.replace("/seat");
  return true;
}

/** Where the page is drawn: keep it for the next time. */
export async function keepPage() {
  const { cold } = dataset;
  if (kept || !cold || isSecureContext) return;
  document.cookie = `${COOKIE}=${encodeURIComponent(storeName())};path=/;max-age=${DAYS * 86400};samesite=lax`;
  const answer = await fetch(cold).catch(() => null);
  if (answer?.ok) history.replaceState(null, "", cold);
}
