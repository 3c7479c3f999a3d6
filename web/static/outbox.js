/**
 * Keeps what this tablet must not lose in IndexedDB: marks before they are sent, and how far it has read.
 *
 * One database per seat of a competition. `boot` (made with the database) and `seq` (its counter) stand beside the records, so a
 * database that was lost and made anew never reuses a number. A record is written, and its transaction complete, before anything
 * on the screen says that it is saved. Cursor and the sheets it describes are written in one transaction.
 */

/** @typedef {{n: number, seal: string}} Cursor */
/**
 * @typedef {{k: string, a: "accepted" | "conflict" | "late" | "refused" | "retry", n?: number, rev?: number, code?: string,
 *   params?: Record<string, string>, dup?: boolean}} Answer
 */
/**
 * A command from this tablet: its key, when the finger touched, its sheet ("unit/sub"), what the server answered (null: pending).
 * @typedef {{seq?: number, k: string, at: string, sheet: string, cmd: Record<string, any>, answer: Answer | null, stored?: boolean,
 *   ticket?: string, again?: boolean, later?: number, tries?: number, differs?: boolean}} Rec
 */
/** @typedef {{boot: string, cursor: Cursor | null, hello: any, prefs: Record<string, any>, sheets: any[], records: Rec[]}} Kept */

/** 128 random bits, hex. */
export function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
export function asked(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @param {IDBTransaction} work @returns {Promise<void>} */
export function completed(work) {
  return new Promise((resolve, reject) => {
    work.oncomplete = () => resolve();
    work.onabort = () => reject(work.error ?? new Error("aborted"));
    work.onerror = () => reject(work.error ?? new Error("failed"));
  });
}

export class Outbox {
  /** @param {IDBDatabase} base @param {string} boot */
  constructor(base, boot) {
    this.base = base;
    this.boot = boot;
  }

  /** Open (or make) the database of a seat; rejects where this browser keeps nothing. @param {string} name */
  static async open(name) {
    const request = indexedDB.open(`compsys:${name}`, 1);
    request.onupgradeneeded = () => {
      const base = request.result;
      base.createObjectStore("meta");
      base.createObjectStore("sheets");
      base.createObjectStore("records", { keyPath: "seq", autoIncrement: true });
    };
    const base = await asked(request);
    base.onversionchange = () => base.close();
    const work = base.transaction("meta", "readwrite");
    let boot = await asked(work.objectStore("meta").get("boot"));
    if (!boot) {
      boot = newKey();
      work.objectStore("meta").put(boot, "boot");
    }
    await completed(work);
    return new Outbox(base, boot);
  }

  /** @param {string[]} stores */
  #write(...stores) {
    // "strict": on the disk before it counts, where the browser offers it.
    return this.base.transaction(stores, "readwrite", { durability: "strict" });
  }

  /** Everything that was kept. @returns {Promise<Kept>} */
  async all() {
    const work = this.base.transaction(["meta", "sheets", "records"]);
    const [state, prefs, sheets, records] = await Promise.all([
      asked(work.objectStore("meta").get("state")),
      asked(work.objectStore("meta").get("prefs")),
      asked(work.objectStore("sheets").getAll()),
      asked(work.objectStore("records").getAll()),
    ]);
    for (const record of records) record.stored = true;
    return { boot: this.boot, cursor: state?.cursor ?? null, hello: state?.hello ?? null, prefs: prefs ?? {}, sheets, records };
  }

  /** Keep a new record; resolves once it is on the disk, with its number. @param {Rec} record */
  async add(record) {
    const work = this.#write("records");
    const { stored: _, seq: __, ...plain } = record;
    const number = work.objectStore("records").add(plain);
    await completed(work);
    record.seq = /** @type {number} */ (number.result);
    record.stored = true;
  }

  /** Records put aside, as they were kept. @param {number[]} numbers @returns {Promise<Rec[]>} */
  async some(numbers) {
    const store = this.base.transaction("records").objectStore("records");
    const found = await Promise.all(numbers.map((seq) => asked(store.get(seq))));
    for (const record of found) if (record) record.stored = true;
    return found.filter((record) => record);
  }

  /** Keep what records were answered. @param {Rec[]} records */
  async update(records) {
    const work = this.#write("records");
    for (const { stored: _, again: __, differs: ___, later: ____, tries: _____, ...plain } of records) if (plain.seq !== undefined) work.objectStore("records").put(plain);
    await completed(work);
  }

  /** Let records go. @param {number[]} numbers */
  async drop(numbers) {
    if (!numbers.length) return;
    const work = this.#write("records");
    for (const seq of numbers) work.objectStore("records").delete(seq);
    await completed(work);
  }

  /**
   * Keep how far was read together with what it says; `hello` given: everything anew.
   * @param {Cursor} cursor @param {any[]} sheets @param {any} [hello] everything but its sheets
   */
  async read(cursor, sheets, hello) {
    const work = this.#write("meta", "sheets");
    const meta = work.objectStore("meta");
    const held = work.objectStore("sheets");
    if (hello) {
      meta.put({ cursor, hello }, "state");
      held.clear();
    } else {
      const state = await asked(meta.get("state"));
      meta.put({ ...state, cursor }, "state");
    }
    for (const sheet of sheets) {
      const key = `${sheet.unit}/${sheet.sub}`;
      if (sheet.gone) held.delete(key);
      else held.put(sheet, key);
    }
    // At once: what is not given to the disk when another judge's link is opened here goes with the page.
    work.commit?.();
    await completed(work);
  }

  /** Remember where the judge was. @param {Record<string, any>} prefs */
  async remember(prefs) {
    const work = this.base.transaction("meta", "readwrite");
    work.objectStore("meta").put(prefs, "prefs");
    work.commit?.();
    await completed(work);
  }
}
