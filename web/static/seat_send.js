/**
 * Sends kept records in their order, takes the answers, and lays the server's news under them.
 *
 * One frame is under way at a time (at most 50 items and 16 KiB). A record is pending until it is answered; an answered one is kept
 * until its sheet is signed by all and a copy elsewhere covers it, and sent again under its old key whenever the server might not
 * have its line any more.
 */

/** @typedef {import("./seat.js").App} App */
/** @typedef {import("./outbox.js").Rec} Rec */

import { newKey } from "./outbox.js";
import { PAGE } from "./seat_health.js";
import { proofOf } from "./seat_cold.js";
import { lang } from "./words.js";

const ITEMS = 50;
const BYTES = 16 * 1024 - 64;
const VERSION = 2;
/** Refusals that are about this device, not about the mark. */
const OUTSIDE = ["device_revoked", "not_enrolled"];
/** Milliseconds that a signature given again waits for the marks that other tablets give again. */
const SIGN_AFTER = 5000;

export class Sender {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    /** records under way, by key; of what is no record, a receipt, the key alone @type {Map<string, Rec | null>} */
    this.flying = new Map();
    this.welcome = false;
    this.pauseUntil = 0;
    this.retries = 0;
    /** pending when the line was lost, for the sentence when all went */
    this.waited = 0;
    /** the version of the page that the server has now, when it is not this one's */
    this.newer = "";
    /** how this tablet stands, and the seat's earlier ones that may still hold marks @type {{standing: string, others: {connected: boolean, pending: number | null}[]}} */
    this.device = { standing: "active", others: [] };
    /** pending as the server was last told */
    this.told = 0;
    /** the cursor that was said in the hello @type {import("./outbox.js").Cursor | null} */
    this.said = null;
    /** counts the hellos: what was begun for an older one does not end in a newer one's name */
    this.turn = 0;
    /** writes of news, one after the other */
    this.writing = Promise.resolve();
  }

  /** The first message of a connection. @param {string} nonce what the server asked */
  async hello(nonce) {
    const proof = await proofOf(nonce);
    const { model, outbox } = this.app;
    this.flying.clear();
    this.welcome = false;
    this.turn += 1;
    this.said = model.cursor;
    this.waited = this.waiting();
    return { m: "hello", v: VERSION, boot: outbox?.boot ?? "", cursor: model.cursor, pending: model.pending.length, lang: lang(), seq: Math.max(0, ...model.records.slice(-50).map((one) => one.seq ?? 0)), page: PAGE, ...(proof && { proof }) };
  }

  /** @param {any} message */
  hear(message) {
    const { app } = this;
    if (message.m === "hello") this.#welcome(message);
    else if (message.m === "ans") this.#answered(message.items);
    else if (message.m === "ev") this.#news(message);
    else if (message.m === "device") this.device = { standing: message.standing, others: message.others };
    else if (message.m === "fault") this.#fault(message.code);
    else if (message.m === "pong" && message.kept) this.#covered(message.kept);
    if (message.m !== "pong") app.changed();
  }

  /** A copy elsewhere reaches further. @param {number} kept */
  #covered(kept) {
    this.app.model.kept = kept;
    this.#letGo();
  }

  /** The disk of the server is full or failing, or ("") well again. @param {string} code */
  #fault(code) {
    this.app.fault = code;
    if (code) return;
    this.pauseUntil = 0;
    this.flush();
  }

  /** @param {any} message */
  #welcome(message) {
    const { app } = this;
    const { model } = app;
    app.fault = message.fault ?? "";
    this.newer = PAGE && message.page && message.page !== PAGE ? message.page : "";
    this.device = { standing: message.standing ?? "active", others: message.others ?? [] };
    const reached = message.reset ? -1 : (this.said?.n ?? 0);
    if (message.reset) model.cursor = null;
    for (const record of model.records) {
      const { answer } = record;
      record.again = !!answer && answer.a !== "refused" && (answer.n ?? 0) > reached;
    }
    const back = model.shelf.filter(({ n }) => n > reached);
    if (back.length) model.shelf = model.shelf.filter(({ n }) => n <= reached);
    model.kept = message.kept ?? 0;
    this.#news(message);
    if (back.length) this.#unshelve(back.map(({ seq }) => seq), this.turn);
    else this.#begin(message.reset);
  }

  /** What was put aside is wanted after all: it goes first, in its old order. @param {number[]} numbers @param {number} turn */
  async #unshelve(numbers, turn) {
    const { model, outbox } = this.app;
    const found = (await outbox?.some(numbers).catch(() => [])) ?? [];
    for (const record of found) record.again = !!record.answer;
    model.records = [...found, ...model.records].toSorted((a, b) => (a.seq ?? Infinity) - (b.seq ?? Infinity));
    if (turn === this.turn) this.#begin(true);
    this.app.changed();
  }

  /** Welcome, with all that is kept at hand: sending begins. @param {boolean} reset the server holds another past */
  #begin(reset) {
    const { app } = this;
    const again = app.model.records.filter((record) => record.again);
    if (reset) app.restored(again.length + app.model.pending.length);
    // A signature stands for what all have given: the other tablets of the sheet bring theirs in these seconds.
    if (reset) for (const record of again) if (record.cmd.c === "sign") record.later = performance.now() + SIGN_AFTER;
    this.welcome = true;
    this.flush();
  }

  /** @param {any} message hello or ev */
  #news(message) {
    const { app } = this;
    const { model, outbox } = app;
    const { whole, sheets = [], cursor } = message;
    if (whole) model.start(whole);
    const held = sheets.map((/** @type {import("./seat_model.js").Sheet} */ sheet) => model.take(sheet));
    for (const record of model.differing()) record.differs = true;
    model.cursor = cursor;
    app.settlePlace();
    const { sheets: all, ...hello } = whole ?? {};
    if (!outbox) return;
    // Kept in the order it came. A failure costs only a fuller welcome next time: the old cursor stands with its old sheets.
    this.writing = this.writing.then(() => outbox.read(cursor, whole ? [...all, ...held] : held, whole && hello)).catch(() => undefined);
    this.#letGo();
  }

  #letGo() {
    const { model, outbox } = this.app;
    outbox?.drop(model.sift()).catch(() => undefined);
  }

  /**
   * The next records to go: those to be repeated first, then the pending, in their order; one frame full. A sheet of which something
   * waits for others waits with it: its records build on each other.
   */
  #batch() {
    const { records } = this.app.model;
    const waiting = [...records.filter((record) => record.again), ...records.filter((record) => !record.answer)];
    /** @type {{k: string, at: string, seq: number | undefined, cmd: any}[]} */
    const items = [];
    let size = 24;
    const held = new Set();
    for (const record of waiting) {
      if (held.has(record.sheet)) continue;
      if (record.later && record.later > performance.now()) {
        held.add(record.sheet);
        continue;
      }
      if (!record.stored) break; // what comes after it may build on it
      const item = { k: record.k, at: record.at, seq: record.seq, cmd: record.cmd, ...(record.ticket && { ticket: record.ticket }), ...(record.again && { again: true }) };
      size += new TextEncoder().encode(JSON.stringify(item)).length + 1;
      if (items.length === ITEMS || (items.length && size > BYTES)) break;
      items.push(item);
      this.flying.set(record.k, record);
    }
    return items;
  }

  /** Send what waits, unless something is under way. */
  flush() {
    if (!this.welcome || !this.app.link.up || this.flying.size || performance.now() < this.pauseUntil) return;
    const items = this.#batch();
    if (!items.length) items.push(...this.app.words.items.slice(0, ITEMS));
    for (const { k } of items) if (!this.flying.has(k)) this.flying.set(k, null);
    if (items.length) this.app.link.say({ m: "do", items });
  }

  /** @param {import("./outbox.js").Answer[]} answers */
  #answered(answers) {
    const { app } = this;
    /** @type {Rec[]} */
    const changed = [];
    let undecided = "";
    for (const answer of answers) {
      const record = this.flying.get(answer.k);
      if (!record && this.app.words.answered(answer)) app.changed();
      if (!record) continue;
      this.flying.delete(answer.k);
      if (answer.code === "rests_on_others") this.#later(record);
      else if (answer.a === "retry") undecided = answer.code ?? "busy";
      else if (answer.a === "refused" && OUTSIDE.includes(answer.code ?? "")) {
        changed.push(record, ...this.#rekey(record));
        app.link.end(answer.code ?? "");
      } else {
        const read = answer.a === "late" && ["read", "settled"].find((word) => word === record.answer?.code);
        record.answer = read ? { ...answer, code: read } : answer;
        record.again = false;
        if (answer.a === "refused") this.#refused(record);
        changed.push(record);
      }
    }
    this.flying.clear();
    if (undecided) this.#pause(undecided);
    else {
      this.retries = 0;
      this.app.fault = "";
    }
    // The answer is written after the fact: if this fails, the record goes again under its key and gets the same answer.
    app.outbox?.update(changed).catch(() => undefined);
    if (!app.model.pending.length && this.waited) {
      app.delivered(this.waited);
      this.waited = 0;
    }
    this.#letGo();
    this.flush();
  }

  /**
   * The device was turned away, not the mark: the key is spent without a line, so the mark waits under a new one for the day this
   * tablet has its seat again.
   * @param {Rec} record @returns {Rec[]} those that build on it
   */
  #rekey(record) {
    const spent = record.k;
    record.k = newKey();
    const later = this.app.model.pending.filter((one) => one.cmd.base === spent);
    for (const one of later) one.cmd = { ...one.cmd, base: record.k };
    return later;
  }

  /**
   * The server had this once, was set back, and cannot decide it now: what it rests on (a vote, a new round, a session's start) is
   * still to come again from somebody else. It stays what it was, and goes again. @param {Rec} record
   */
  #later(record) {
    record.tries = (record.tries ?? 0) + 1;
    record.later = performance.now() + Math.min(10_000, 1000 * record.tries);
  }

  /** A refused number goes back into its pad, so that nothing has to be typed again. @param {Rec} record */
  #refused({ cmd }) {
    if (cmd.c === "mark" && cmd.value !== null) this.app.ui.pads.set([cmd.unit, cmd.aspect, cmd.seat, cmd.round].join(" "), cmd.value);
  }

  /** Undecided: what was sent stays pending and goes again after a pause. @param {string} code */
  #pause(code) {
    this.retries += 1;
    const longest = code === "throttled" ? 2000 : Math.min(15000, 1000 * 2 ** this.retries);
    this.pauseUntil = performance.now() + 500 + Math.random() * longest;
    if (["disk_full", "disk_error", "database_gone"].includes(code)) this.app.fault = code;
  }

  /** How many records wait here, as the server is told now. */
  waiting() {
    this.told = this.unsent;
    return this.told;
  }

  /** How many records the server does not have: never sent, or lost there since. */
  get unsent() {
    return this.app.model.records.filter((record) => !record.answer || record.again).length;
  }

  /** Another tablet has the seat: this one only brings its marks. */
  get moved() {
    return this.device.standing !== "active";
  }

  /** Once a second: what was paused goes on, and the office hears how much waits here. */
  tick() {
    this.flush();
    this.app.link.health.keeps = !!this.app.outbox && !this.app.broken;
    if (this.welcome && this.unsent !== this.told) this.app.link.ping();
  }
}
