/**
 * Knows which judges' seats this tablet holds, and what of the others' databases a change of judges needs.
 *
 * Of another judge's marks only those are read that wait to be sent.
 */

import { asked, completed, Outbox } from "./outbox.js";
import { storeName } from "./seat_cold.js";

/** @typedef {import("./outbox.js").Rec} Rec */
/** @typedef {import("./seat_lock.js").Known} Known */
/**
 * @typedef {{store: string, key: string, label: string, trade: Record<string, string>, role: string, pin?: boolean,
 *   standing?: string}} Seat pin: whether it has one; standing: active, draining, or revoked where this tablet has the seat no more
 */

const NAME = "compsys-tablet";

/** @returns {Promise<IDBDatabase>} */
function base() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => request.result.createObjectStore("seats", { keyPath: "store" });
  return asked(request);
}

/** @template T @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => T | Promise<T>} work @returns {Promise<T>} */
async function within(mode, work) {
  const list = await base();
  const transaction = list.transaction("seats", mode);
  const done = completed(transaction);
  const found = await work(transaction.objectStore("seats"));
  await done;
  list.close();
  return found;
}

/** The seats of this tablet, by their names; as last known where there is no line. @returns {Promise<Seat[]>} */
export async function seats() {
  /** @type {Seat[]} */
  const known = await within("readonly", (store) => asked(store.getAll()));
  return known.toSorted((a, b) => a.key.localeCompare(b.key, "en", { numeric: true }));
}

/** @param {Seat[]} changed */
const keep = (changed) => within("readwrite", (store) => changed.forEach((one) => store.put(one)));

/** A seat is not this tablet's any more. @param {Seat} seat */
export const forget = (seat) => within("readwrite", (store) => void store.delete(seat.store));

/** This page's own seat is one of the tablet's. @param {any} hello */
export async function register(hello) {
  const mine = (await seats()).find((one) => one.store === storeName());
  await keep([{ ...mine, store: storeName(), key: hello.seat.key, label: hello.seat.label, trade: hello.trade, role: hello.seat.role, standing: "active" }]);
}

/** Ask the server which seats this tablet holds; null without a line. @returns {Promise<(Seat & {form: string})[] | null>} */
export async function held() {
  const answer = await fetch("/seat/tablet").catch(() => null);
  return answer && (answer.ok ? answer.json() : []);
}

/** Take over what the server says of the tablet's seats. */
export async function refresh() {
  const told = await held();
  if (!told?.length) return;
  await keep(told.map(({ form: _, ...one }) => one));
  const gone = (await seats()).filter(({ store }) => !told.some((one) => one.store === store));
  for (const one of gone) {
    // What it still holds is not forgotten: the seat may come back to this tablet, and its marks with it.
    if ((await read(one.store)).waiting.length) await keep([{ ...one, standing: "revoked" }]);
    else await forget(one);
  }
}

/** @param {Outbox} box @returns {Promise<Rec[]>} */
function unanswered(box) {
  /** @type {Rec[]} */
  const found = [];
  const walk = box.base.transaction("records").objectStore("records").openCursor();
  return new Promise((resolve, reject) => {
    walk.onerror = () => reject(walk.error);
    walk.onsuccess = () => {
      const at = walk.result;
      if (!at) return resolve(found);
      if (!at.value.answer) found.push(at.value);
      at.continue();
    };
  });
}

/** Work with a seat's database, and close it. @template T @param {string} store @param {(box: Outbox) => Promise<T>} work */
export async function opened(store, work) {
  const box = await Outbox.open(store);
  try {
    return await work(box);
  } finally {
    box.base.close();
  }
}

/** What of a seat waits to be sent, and what is known of its PIN. @param {string} store @returns {Promise<{waiting: Rec[], pin: Known | null}>} */
export const read = (store) =>
  opened(store, async (box) => {
    const prefs = await asked(box.base.transaction("meta").objectStore("meta").get("prefs"));
    return { waiting: await unanswered(box), pin: prefs?.pin ?? null };
  });

/** Change what is known of a seat's PIN there; `locked`: whether its screen is. @param {string} store @param {Partial<Known>} pin @param {boolean} locked */
export const note = (store, pin, locked) =>
  opened(store, async (box) => {
    const work = box.base.transaction("meta", "readwrite");
    const meta = work.objectStore("meta");
    const prefs = (await asked(meta.get("prefs"))) ?? {};
    meta.put({ ...prefs, ...(prefs.pin && { pin: { ...prefs.pin, ...pin } }), locked }, "prefs");
    await completed(work);
  });
