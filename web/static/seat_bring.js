/**
 * Brings the unsent marks of the tablet's other seats to the server while somebody else is at work.
 *
 * One seat after the other, each over a connection of its own that asks for no sheets, for as long as it has something to bring. Their answers are written into the seats' own databases; refusals and late marks are said there, to the judge whose they are.
 */

import { asked, completed, newKey } from "./outbox.js";
import { opened, read, seats } from "./seat_beside.js";
import { asSeat, proofOf, storeName } from "./seat_cold.js";
import { PAGE } from "./seat_health.js";
import { lang } from "./words.js";

/** @typedef {import("./outbox.js").Rec} Rec */
/** @typedef {import("./outbox.js").Outbox} Outbox */

const ITEMS = 50;
const BYTES = 16 * 1024 - 64;
const QUIET = 8000;
const PAUSE = 4000;
const LONGEST = 30_000;

/** The next of a queue that go in one frame. @param {Rec[]} queue */
function frame(queue) {
  const items = [];
  let size = 24;
  for (const { k, at, seq, cmd, ticket, answer } of queue) {
    const item = { k, at, seq, cmd, ...(ticket && { ticket }), ...(answer && { again: true }) };
    size += new TextEncoder().encode(JSON.stringify(item)).length + 1;
    if (items.length === ITEMS || (items.length && size > BYTES)) break;
    items.push(item);
  }
  return items;
}

/** One visit of the server for a seat of this tablet. */
class Visit {
  /** @param {string} store @param {Outbox} box @param {Rec[]} waiting @param {any} cursor @param {() => void} changed */
  constructor(store, box, waiting, cursor, changed) {
    this.store = store;
    this.box = box;
    this.waiting = waiting;
    this.cursor = cursor;
    this.changed = changed;
    /** what a server that was set back is given again @type {Rec[]} */
    this.again = [];
    /** why it ended before everything was brought, "" when everything was */
    this.why = "no_line";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** @returns {Promise<string>} why it ended, "" when everything was brought */
  run() {
    const { store } = this;
    this.socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live/seat${asSeat(store)}`);
    const { socket } = this;
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(this.timer);
        socket.onmessage = socket.onclose = null;
        socket.close();
        resolve(this.why);
      };
      const awake = () => {
        clearTimeout(this.timer);
        this.timer = setTimeout(end, QUIET);
      };
      awake();
      socket.onclose = end;
      socket.onmessage = async (event) => {
        awake();
        if (await this.#hear(JSON.parse(event.data)).catch(() => true)) end();
      };
    });
  }

  /** @param {any} message */
  #say(message) {
    this.socket?.send(JSON.stringify(message));
  }

  /** @param {any} message @returns {Promise<boolean>} whether that was all */
  async #hear(message) {
    const { cursor, waiting } = this;
    if (message.m === "ask") {
      const proof = await proofOf(message.nonce, this.store);
      this.#say({ m: "hello", v: 2, boot: this.box.boot, cursor, pending: waiting.length, lang: lang(), page: PAGE, brings: true, ...(proof && { proof }) });
    } else if (message.m === "hello") {
      if (message.reset) this.again = await marks(this.box);
      this.#next();
    } else if (message.m === "ans") {
      if (await this.#answered(message.items)) return true;
      this.#next();
    } else if (message.m === "pong") {
      this.why = "";
      return true;
    } else if (message.m === "bye") this.why = waiting.length ? message.code : "";
    return message.m === "bye";
  }

  #next() {
    const items = frame([...this.again, ...this.waiting]);
    this.#say(items.length ? { m: "do", items } : { m: "ping", pending: 0, page: PAGE });
  }

  /** @param {import("./outbox.js").Answer[]} answers @returns {Promise<boolean>} whether the rest must wait */
  async #answered(answers) {
    const changed = [];
    for (const answer of answers) {
      if (answer.a === "retry") this.why = answer.code ?? "busy";
      this.again = this.again.filter((one) => one.k !== answer.k);
      const record = this.waiting.find((one) => one.k === answer.k);
      if (!record || answer.a === "retry") continue;
      changed.push(record);
      if (answer.a === "refused" && ["device_revoked", "not_enrolled"].includes(answer.code ?? "")) {
        this.why = answer.code ?? "";
        // The key is spent without a line; the mark waits under a new one for the day this tablet has the seat again.
        const spent = record.k;
        record.k = newKey();
        for (const one of this.waiting) if (one.cmd.base === spent) changed.push(Object.assign(one, { cmd: { ...one.cmd, base: record.k } }));
      } else record.answer = answer;
    }
    const work = this.box.base.transaction("records", "readwrite");
    for (const record of changed) work.objectStore("records").put(record);
    await completed(work);
    this.waiting = this.waiting.filter((one) => !one.answer);
    this.changed();
    return this.why !== "no_line";
  }
}

/** Every mark that is kept of a seat: for a server that was set back. @param {Outbox} box @returns {Promise<Rec[]>} */
async function marks(box) {
  const { records } = await box.all();
  return records.filter(({ cmd, answer }) => cmd.c === "mark" && answer && answer.a !== "refused").map(({ stored: _, ...plain }) => plain);
}

export class Bringer {
  /** @param {import("./seat.js").App} app @param {() => Promise<unknown>} refresh who is on this tablet, by the server's word */
  constructor(app, refresh) {
    this.app = app;
    this.refresh = refresh;
    this.busy = false;
    this.after = 0;
    this.tries = 0;
    this.wasUp = false;
    this.all = false;
    /** of each other seat: how many wait, why they do @type {Map<string, {n: number, why: string}>} */
    this.left = new Map();
  }

  /** Once a second: whoever has something to bring is brought; all are asked when a line comes (back). */
  async tick() {
    const { up } = this.app.link;
    this.all ||= up && !this.wasUp;
    this.wasUp = up;
    const some = [...this.left.values()].some(({ n }) => n > 0);
    if (!up || this.busy || !(this.all || (some && performance.now() >= this.after))) return;
    this.busy = true;
    const all = this.all;
    this.all = false;
    try {
      if (all) await this.refresh().catch(() => undefined);
      for (const { store } of await seats()) if (store !== storeName()) await this.#bring(store, all);
    } finally {
      this.busy = false;
      const stuck = [...this.left.values()].some(({ why }) => why);
      this.tries = stuck ? this.tries + 1 : 0;
      this.after = performance.now() + PAUSE + Math.random() * Math.min(LONGEST, PAUSE * 2 ** this.tries);
    }
  }

  /** @param {string} store @param {boolean} all also a seat that kept marks and has sent them all: the server may have been set back */
  async #bring(store, all) {
    const { waiting } = await read(store);
    this.left.set(store, { n: waiting.length, why: "" });
    if (!waiting.length && !all) return;
    await opened(store, async (box) => {
      const work = box.base.transaction(["meta", "records"]);
      const state = await asked(work.objectStore("meta").get("state"));
      if (!(await asked(work.objectStore("records").count()))) return;
      const visit = new Visit(store, box, waiting, state?.cursor ?? null, () => this.left.set(store, { n: visit.waiting.length, why: "" }));
      const why = await visit.run();
      this.left.set(store, { n: visit.waiting.length, why });
    });
    this.app.changed();
  }
}
