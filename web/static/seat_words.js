/**
 * Shows what the office or the chief expert says to this tablet, each as a line until it is read, and tells the server so.
 *
 * Receipts are no marks: they are not among the records that wait, they go when no mark does, and a lost one is asked for again by
 * the server's next list.
 */

import { button, h, icon } from "./dom.js";
import { newKey } from "./outbox.js";
import { t } from "./words.js";

/** @typedef {import("./seat.js").App} App */
/** @typedef {{n: number, at: string, by: "office" | "chief", text: string}} Word */

export class Words {
  constructor() {
    /** what this seat has not read, as the server has it @type {Word[]} */
    this.list = [];
    /** read here: line of the announcement -> the receipt's key @type {Map<number, {k: string, at: string}>} */
    this.read = new Map();
  }

  /** The server's list is the whole of it. @param {any} message */
  heard(message) {
    if (message.m !== "words" && message.m !== "hello") return;
    this.list = message.words ?? [];
    for (const n of this.read.keys()) if (!this.list.some((word) => word.n === n)) this.read.delete(n);
  }

  /** Those to be shown. */
  get shown() {
    return this.list.filter((word) => !this.read.has(word.n));
  }

  /** @param {Word} word */
  understood(word) {
    this.read.set(word.n, { k: newKey(), at: new Date().toISOString() });
  }

  /** The receipts that the server does not have. */
  get items() {
    return [...this.read].map(([n, { k, at }]) => ({ k, at, cmd: { c: "read_word", n } }));
  }

  /** Whether an answer is to a receipt; one that is decided is done with. @param {import("./outbox.js").Answer} answer */
  answered(answer) {
    const found = [...this.read].find(([, { k }]) => k === answer.k);
    if (found && answer.a !== "retry") {
      this.read.delete(found[0]);
      this.list = this.list.filter((word) => word.n !== found[0]);
    }
    return found !== undefined;
  }
}

/** Each as a line with the key that says it was read; none covers a key. @param {App} app */
export function wordLines(app) {
  const understood = (/** @type {Word} */ word) => {
    app.words.understood(word);
    app.sender.flush();
    app.changed();
  };
  return app.words.shown.slice(0, 3).map((word) =>
    h(
      "div",
      { class: "msg msg--word", key: `word${word.n}`, role: "status" },
      icon("speak"),
      h("div", null, h("b", null, t(`word.by_${word.by}`)), " ", word.text),
      button({ look: "small", key: "ok", onclick: () => understood(word) }, t("seat.understood")),
    ),
  );
}
