/**
 * What this device holds to check with: issuers' keys, signed status lists, dictionaries, each with its date; the newest is asked for first.
 *
 * Kept in the browser's cache storage, which browsers have over TLS only; by plain http all this lasts as long as the page does.
 */

import { Fault, hex } from "./credential_bytes.js";
import { listDate, moment } from "./credential_check.js";
import { sha256 } from "./credential_hash.js";

/** @typedef {import("./credential_check.js").Trust} Trust */
/** @typedef {Trust & {base: string, register: boolean, list_urls: string[], dictionaries: string[], fresh: boolean}} Held */

const KEPT = "check-data";
const ANSWERS_WITHIN = 5000;
const MOST = 64;

/** What this page was given, where nothing can be kept. @type {Map<string, Uint8Array>} */
const memory = new Map();

/** The bytes of an address of this server, null where it does not answer. @param {string} path @param {string} [accept] */
async function asked(path, accept = "*/*") {
  if (alone) return null;
  const waited = new AbortController();
  const timer = setTimeout(() => waited.abort(), ANSWERS_WITHIN);
  try {
    const answer = await fetch(path, { signal: waited.signal, headers: { accept }, cache: "no-cache" });
    return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : null;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

/** A page that stands alone, from a bundle, has all this in itself and asks nobody. */
const alone = document.getElementById("bundle");
if (alone) {
  const told = JSON.parse(alone.textContent ?? "");
  const put = (/** @type {string} */ path, /** @type {any} */ one) => memory.set(path, new TextEncoder().encode(JSON.stringify(one)));
  put("/v/trust.json", told.trust);
  for (const [url, one] of Object.entries(told.lists)) put(new URL(url).pathname, one);
  for (const [name, one] of Object.entries(told.dictionaries)) memory.set(`/dictionaries/${name}`, Uint8Array.from(atob(String(one)), (letter) => letter.charCodeAt(0)));
}

const cabinet = async () => (alone ? null : (globalThis.caches?.open(KEPT).catch(() => null) ?? null));

/** @param {string} path */
async function kept(path) {
  const found = await (await cabinet())?.match(path);
  return found ? new Uint8Array(await found.arrayBuffer()) : (memory.get(path) ?? null);
}

/** @param {string} path @param {Uint8Array} bytes */
async function keep(path, bytes) {
  memory.set(path, bytes);
  await (await cabinet())?.put(path, new Response(/** @type {any} */ (bytes))).catch(() => undefined);
}

/** @param {Uint8Array | null} bytes */
function json(bytes) {
  try {
    return bytes && JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}

const TRUST = "/v/trust.json";
const SEEN = "/v/seen.json";

/** The pinned issuers as this server tells them now, else as they were kept; an older list never replaces a newer one. @returns {Promise<Held>} */
export async function trust() {
  const [bytes, before] = await Promise.all([asked(TRUST), kept(TRUST)]);
  const [now, old] = [json(bytes), json(before)];
  const newer = now?.issuers && !(moment(old?.made) > moment(now.made));
  if (newer && bytes) await keep(TRUST, bytes);
  const found = (newer ? now : old) ?? { made: "", base: "", register: false, issuers: [], lists: [], dictionaries: [] };
  return { ...found, list_urls: found.lists, lists: {}, seen: json(await kept(SEEN)) ?? {}, fresh: Boolean(newer) };
}

const pathOf = (/** @type {string} */ url) => new URL(url, location.href).pathname;

/**
 * Put the newest list of an address that is proved into what is held; a list that proves nothing replaces none.
 * @param {Held} held @param {string} url @param {string} issuerId @param {boolean} [online]
 */
export async function list(held, url, issuerId, online = true) {
  if (!held.list_urls.includes(url) && !/\/status\//.test(url)) return;
  const issuer = held.issuers.find((one) => one.id === issuerId);
  if (!issuer) return;
  const path = pathOf(url);
  const [offered, before] = [json(online ? await asked(path, "application/json") : null), json(await kept(path))];
  const date = async (/** @type {any} */ one) => (one ? await listDate(url, issuer, { ...held, lists: { [url]: one }, seen: {} }, Date.now()) : "");
  const [theirs, ours] = [await date(offered), await date(before)];
  const better = theirs && !(moment(ours) > moment(theirs));
  const best = better ? offered : ours ? before : (offered ?? before);
  if (best) held.lists[url] = best;
  if (better) {
    await keep(path, new TextEncoder().encode(JSON.stringify(offered)));
    if (!(moment(held.seen[url]) > moment(theirs))) held.seen[url] = theirs;
    await keep(SEEN, new TextEncoder().encode(JSON.stringify(held.seen)));
  }
}

/** The bytes of a dictionary, by how its SHA-256 begins; what has another hash is not taken. @param {string} name */
export async function dictionary(name) {
  const path = `/dictionaries/${name}`;
  const before = await kept(path);
  if (before) return before;
  const bytes = await asked(path);
  if (bytes && hex(sha256(bytes)).startsWith(name)) await keep(path, bytes);
  return bytes;
}

/** Fetch beside everything else what a check without a network would want. @param {Held} held */
export async function prepare(held) {
  if (!held.fresh) return;
  for (const name of held.dictionaries.slice(0, MOST)) await dictionary(name.slice(0, 16)).catch(() => undefined);
  for (const url of held.list_urls.slice(0, MOST)) {
    const issuer = held.issuers.find((one) => pathOf(url).startsWith(pathOf(one.id).replace("/issuers/", "/status/") + "/"));
    if (issuer) await list(held, url, issuer.id).catch(() => undefined);
  }
}

/** What the register says of an id now, null where it does not answer. @param {string} id @returns {Promise<import("./credential_check.js").Standing | null>} */
export async function standing(id) {
  const found = json(await asked(`/credentials/${id}/status`, "application/json"));
  return found?.state ? found : null;
}

/** A certificate by its id, "" where the server does not answer; throws a Fault where there is none. @param {string} id */
export async function byId(id) {
  const answer = await fetch(`/credentials/${id}`, { headers: { accept: "application/json" } }).catch(() => null);
  if (!answer) return "";
  if (!answer.ok) throw new Fault("id_unknown");
  return answer.text();
}

/** A look-up by number and name. @param {string} number @param {string} name @returns {Promise<any>} */
export async function byNumber(number, name) {
  const body = JSON.stringify({ number, name });
  const answer = await fetch("/v/number", { method: "POST", headers: { "content-type": "application/json" }, body }).catch(() => null);
  if (!answer) throw new Fault("number_offline");
  const told = json(new Uint8Array(await answer.arrayBuffer()));
  if (!answer.ok) throw new Fault(String(told?.code ?? "number_offline").replace("check.", ""), told?.params ?? {});
  return told;
}
