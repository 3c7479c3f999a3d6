/**
 * The judge's tablet: takes taps, keeps them, sends them, and draws what the sheets and the connection say.
 *
 * A tap becomes a record with a key of its own; it is written to this tablet's database, then sent, then answered. What the server
 * says of a sheet is laid under the records. Nothing is sent twice under two keys and nothing is thrown away unanswered.
 */

import { askWords, draw } from "./dom.js";
import { Link } from "./seat_link.js";
import { Lock } from "./seat_lock.js";
import { Cells } from "./seat_cells.js";
import { newKey, Outbox } from "./outbox.js";
import { emptied } from "./seat_practice.js";
import { ServerClock } from "./seat_clock.js";
import { keepPage, misplaced, storeName } from "./seat_cold.js";
import { Sender } from "./seat_send.js";
import { finished, limits, phrases, typed, wrong } from "./seat_pad.js";
import { question } from "./seat_unusual.js";
import { Words } from "./seat_words.js";
import { choicesOf } from "./seat_entry.js";
import { foot, rail, sealWords, top } from "./seat_frame.js";
import { bringAll, grid } from "./seat_later.js";
import { focus, nothing, panelValues, sheetList, signing } from "./seat_views.js";
import { lang, preload, switchLanguage, t } from "./words.js";

/** @typedef {import("./outbox.js").Rec} Rec */
/** @typedef {Record<string, any>} Sheet */
/** @typedef {Record<string, any>} Aspect */

const UNDO_FOR = 10_000;
const BACK_FOR = 6_000;
/** Where an arrow key leads in a table: cells to the right, cells down. @type {Record<string, [number, number]>} */
const ARROWS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

/** @param {string} id */
const place = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

export class App extends Cells {
  constructor() {
    super();
    this.link = new Link({ hello: (nonce) => this.sender.hello(nonce), heard: (message) => this.heard(message), changed: () => this.changed(), pending: () => this.sender.waiting() });
    this.sender = new Sender(this);
    this.clock = new ServerClock();
    this.lock = new Lock(this);
    this.words = new Words();
    /** what comes after the first keys: pictures and what else a value has beside it @type {import("./seat_more.js").More | null} */
    this.more = null;
    /** why nothing can be kept on this tablet, "" when it can */
    this.broken = "";
    this.fault = "";
    /** whether what comes later was looked for without a line @type {boolean} */
    this.searched = false;
    this.started = false;
    /** other judges' seats are on this tablet */
    this.shared = false;
    /** this page gives way to another seat's */
    this.leaving = false;
    this.drawing = false;
    this.resized = new ResizeObserver(() => place("main").querySelector("[data-cell][aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" }));
    /** @type {Element | undefined} */
    this.watched = undefined;
  }

  /** The server said something. @param {any} message */
  heard(message) {
    this.clock.heard(message.time);
    this.words.heard(message);
    this.sender.hear(message);
    if (message.m === "hello" || message.m === "pong") setTimeout(() => this.#further());
    if (message.m === "hello" && !this.moved) this.lock.ask();
  }

  // ------------------------------------------------------------ names

  /** @param {Aspect} aspect */
  title(aspect) {
    return aspect.title[lang()] ?? Object.values(aspect.title)[0] ?? aspect.key;
  }

  /** @param {Sheet} sheet @param {Aspect} aspect @param {string} [seat] */
  cellName(sheet, aspect, seat = this.seat) {
    return [sheet.unit, aspect.key, this.model.who(aspect, seat), sheet.aspects[aspect.key].round].join(" ");
  }

  /** Whether another tablet has taken the seat. */
  get moved() {
    return this.sender.moved;
  }

  /** Why an aspect takes no value here and now, "" when it does. @param {Sheet} sheet @param {Aspect} aspect @param {string} [seat] */
  closed(sheet, aspect, seat = this.seat) {
    return this.link.ended || (this.sender.moved ? "moved" : "") || this.model.closed(sheet, aspect, seat);
  }

  // ------------------------------------------------------------ a value

  /** Choose a value; the one that is already chosen does nothing. @param {Aspect} aspect @param {string | null} value @param {{note?: string, keepsUndo?: boolean}} how */
  give(aspect, value, how = {}) {
    const sheet = this.sheet;
    if (!sheet || this.closed(sheet, aspect)) return;
    const cell = this.model.cell(sheet, aspect, this.seat);
    const note = how.note ?? cell.note;
    if (cell.value === value && cell.note === note) return;
    if (!how.keepsUndo) this.ui.undo = { sheet: `${sheet.unit}/${sheet.sub}`, cell: this.cellName(sheet, aspect), as: this.ui.as, aspect: aspect.key, value: cell.value, note: cell.note, until: performance.now() + UNDO_FOR };
    this.#mark(sheet, aspect, value, note, cell.base, cell.files);
  }

  /** Pin these pictures to what a seat gave; false when the value can no longer be changed. @param {Sheet} from @param {Aspect} aspect @param {string} seat @param {string[]} files */
  pin(from, aspect, seat, files) {
    const sheet = this.model.sheets.get(`${from.unit}/${from.sub}`);
    if (!sheet || seat !== this.seat || this.closed(sheet, aspect, seat)) return false;
    const cell = this.model.cell(sheet, aspect, seat);
    this.#mark(sheet, aspect, cell.value, cell.note, cell.base, files);
    return true;
  }

  /** Choose between two values of a cell. @param {Aspect} aspect @param {string | null} value */
  settle(aspect, value) {
    const sheet = this.sheet;
    const cell = sheet && this.model.cell(sheet, aspect, this.seat);
    if (sheet && cell && !this.closed(sheet, aspect)) this.#mark(sheet, aspect, value, cell.note, cell.base, cell.files);
  }

  /** @param {Sheet} sheet @param {Aspect} aspect @param {string | null} value @param {string} note @param {number | string} base @param {string[]} files */
  #mark(sheet, aspect, value, note, base, files) {
    const seat = this.model.who(aspect, this.seat);
    const via = seat === this.model.me || seat === "*" ? {} : { via: "panel" };
    this.record(sheet, {
      c: "mark", stream: this.model.hello.stream, unit: sheet.unit, aspect: aspect.key, seat, round: sheet.aspects[aspect.key].round, value, base, ...(note && { note }), ...(files.length && { files }), ...via,
    });
  }

  /** Keep a command and send it. @param {Sheet} sheet @param {Record<string, any>} cmd @param {{k?: string, ticket?: string}} [proof] of a signature */
  async record(sheet, cmd, proof = {}) {
    const record = /** @type {Rec} */ ({ k: newKey(), at: new Date().toISOString(), sheet: `${sheet.unit}/${sheet.sub}`, cmd, answer: null, ...proof });
    this.model.records.push(record);
    this.changed();
    try {
      if (!this.outbox) throw new Error(this.broken);
      await this.outbox.add(record);
      this.broken = "";
    } catch (error) {
      // Not kept, so not given: the key springs back and the line on top says why.
      this.model.records = this.model.records.filter((one) => one !== record);
      this.broken = String(error);
    }
    this.changed();
    this.sender.flush();
  }

  /** What stands in the pad of a cell. @param {Sheet} sheet @param {Aspect} aspect @returns {string} */
  typed(sheet, aspect) {
    return this.ui.pads.get(this.cellName(sheet, aspect)) ?? this.model.cell(sheet, aspect, this.seat).value ?? "";
  }

  /** A key of the pad: a figure, ".", "-", "erase" or "clear". A figure upon a value that stands begins a new one. @param {Sheet} sheet @param {Aspect} aspect @param {string} key */
  press(sheet, aspect, key) {
    if (this.closed(sheet, aspect)) return;
    const name = this.cellName(sheet, aspect);
    const anew = !this.ui.pads.has(name) && /^[0-9.]$/.test(key);
    this.ui.pads.set(name, typed(anew ? "" : this.typed(sheet, aspect), key));
    this.ui.problem = null;
    this.changed();
  }

  /** Take what stands in the pad; false when it breaks the rule (it stays in the pad). @param {Sheet} sheet @param {Aspect} aspect */
  enter(sheet, aspect) {
    const name = this.cellName(sheet, aspect);
    const text = finished(this.typed(sheet, aspect));
    const problem = text ? wrong(text, limits(aspect)) : null;
    this.ui.problem = problem && { cell: name, ...problem };
    if (problem) {
      this.changed();
      return false;
    }
    const cell = this.model.cell(sheet, aspect, this.seat);
    this.ui.pads.delete(name);
    if (text && text !== "0" && aspect.measure?.params.reason === "required" && !cell.note) {
      this.#reason(aspect, text);
      return false;
    }
    this.give(aspect, text || null);
    const far = text && text !== cell.value && !this.ui.asks.has(`${name} ${text}`) ? question(this, sheet, aspect, text) : null;
    if (far) {
      this.ui.asks.add(`${name} ${text}`);
      this.ui.question = { cell: name, value: text, near: far.near };
    }
    this.changed();
    return !far;
  }

  /** Errors that stand only with words: they are asked for first, and go together with the number. @param {Aspect} aspect @param {string} value */
  async #reason(aspect, value) {
    const words = await this.ask(`${this.cellName(/** @type {Sheet} */ (this.sheet), aspect)} -`, { title: t("seat.reason_for", { aspect: this.title(aspect), n: value }), choices: phrases(aspect), joins: true });
    if (words) this.give(aspect, value, { note: words });
    this.changed();
  }

  /** What is asked about the value of a cell, null when nothing. @param {Sheet} sheet @param {Aspect} aspect @returns {{value: string, near: string} | null} */
  asked(sheet, aspect) {
    const { question: open } = this.ui;
    return open && open.cell === this.cellName(sheet, aspect) && open.value === this.model.cell(sheet, aspect, this.seat).value && !this.ui.pads.has(open.cell) ? open : null;
  }

  /** The value far from the others was looked at. @param {Sheet} sheet @param {Aspect} aspect @param {boolean} keeps else it stands in the pad again, to be changed */
  answered(sheet, aspect, keeps) {
    if (!keeps) this.ui.pads.set(this.ui.question.cell, this.ui.question.value);
    this.ui.question = null;
    this.changed();
  }

  get undoable() {
    const undo = this.ui.undo;
    if (!undo || undo.until < performance.now() || !this.sheet || undo.sheet !== `${this.sheet.unit}/${this.sheet.sub}`) return null;
    const aspect = this.model.aspects(this.sheet).find((one) => one.key === undo.aspect);
    const seat = undo.as || this.model.me;
    return aspect && undo.cell === this.cellName(this.sheet, aspect, seat) && !this.closed(this.sheet, aspect, seat) ? aspect : null;
  }

  /** Put back what stood before the last tap; it is a further record, not an edit. */
  undo() {
    const aspect = this.undoable;
    if (!aspect) return;
    const { value, note, as } = this.ui.undo;
    this.ui.undo = null;
    this.ui.aspect = aspect.key;
    this.ui.as = as;
    this.give(aspect, value, { note, keepsUndo: true });
    this.changed();
  }

  /** Ask for words; what is half-typed is kept under a name until it is saved or left. @param {string} name @param {{title: string, value?: string, choices?: string[], max?: number, joins?: boolean}} how @returns {Promise<string | null>} */
  ask(name, how) {
    const { drafts } = this.ui;
    const draft = (/** @type {string | null} */ said) => {
      if (said === null) drafts.delete(name);
      else drafts.set(name, said);
      this.lock.keep();
    };
    return askWords({ ...how, value: drafts.get(name) ?? how.value, draft });
  }

  /** @param {Aspect} aspect */
  async note(aspect) {
    const sheet = /** @type {Sheet} */ (this.sheet);
    const cell = this.model.cell(sheet, aspect, this.seat);
    const name = this.cellName(sheet, aspect);
    const text = await this.ask(name, { title: t("seat.note_on", { aspect: this.title(aspect) }), value: cell.note, choices: phrases(aspect), joins: true });
    if (text !== null) this.give(aspect, this.model.cell(sheet, aspect, this.seat).value, { note: text, keepsUndo: true });
  }

  /** Propose to the chief what a competitor is instead of marked. @param {Sheet} sheet @param {string} status */
  async propose(sheet, status) {
    const text = await this.ask(`${sheet.unit} ${status}`, { title: t("seat.propose", { code: sheet.code, status: t(`cell.${status}`) }), choices: t(`seat.phrases_${status}`).split(" / "), joins: true });
    if (text) this.record(sheet, { c: "report", stream: this.model.hello.stream, incident: status, text, unit: sheet.unit, session: sheet.session });
  }

  /** What is kept beside the place. */
  get kept() {
    return this.lock.drafts;
  }

  /** A refused or late record was read. @param {Rec} record */
  async dismiss(record) {
    record.differs = false;
    this.model.records = this.model.records.filter((one) => one !== record || record.answer?.a !== "refused");
    if (record.answer?.a === "refused") await this.outbox?.drop(record.seq === undefined ? [] : [record.seq]);
    else if (record.answer) {
      record.answer = { ...record.answer, code: this.model.fate(record).read };
      await this.outbox?.update([record]);
    }
    this.changed();
  }

  // ------------------------------------------------------------ the panel, signing

  /** What was said at a spread: seat -> words. @param {Sheet} sheet @param {Aspect} aspect @returns {Record<string, string>} */
  said(sheet, aspect) {
    return this.ui.said.get(this.cellName(sheet, aspect)) ?? {};
  }

  /** @param {Sheet} sheet @param {Aspect} aspect @param {string} seat @param {string} text */
  say(sheet, aspect, seat, text) {
    this.ui.said.set(this.cellName(sheet, aspect), { ...this.said(sheet, aspect), [seat]: text });
    this.changed();
  }

  /** Open the next round; the reasons go with it. @param {Sheet} sheet @param {Aspect} aspect */
  revote(sheet, aspect) {
    const said = this.said(sheet, aspect);
    const view = sheet.aspects[aspect.key];
    const lines = sheet.roster.filter((/** @type {any} */ one) => said[one.seat]).map((/** @type {any} */ one) => t("seat.reason_line", { seat: one.label, value: view.revealed[one.seat], reason: said[one.seat] }));
    this.record(sheet, { c: "revote", stream: this.model.hello.stream, unit: sheet.unit, aspect: aspect.key, reason: lines.join(t("ui.list_semicolon")).slice(0, 500) });
  }

  /** What a signature stands for: every value of the sheet as this seat sees it; a countersignature stands for all seats' values. @param {Sheet} sheet */
  seen(sheet) {
    const whole = this.model.forPanel(sheet);
    if (whole) return [sheet.code, sheet.sub, this.model.aspects(sheet).map((aspect) => [aspect.key, sheet.aspects[aspect.key].round, panelValues(sheet, aspect)])];
    return [sheet.code, sheet.sub, this.model.aspects(sheet).map((aspect) => [aspect.key, sheet.aspects[aspect.key].round, this.model.cell(sheet, aspect, this.seat).value])];
  }

  /** Whether a signature waits for a seat of the panel that says whose it is: nobody signs for others by the way. @param {Sheet} sheet */
  turnless(sheet) {
    return this.model.shares(sheet) && sheet.state !== "signed" && sheet.state !== "locked" && this.ui.turn !== this.seat;
  }

  sign() {
    const sheet = this.sheet;
    if (!sheet || this.unready || this.turnless(sheet)) return;
    this.ui.turn = "";
    if (this.model.countersigns(sheet)) {
      this.#signed(sheet, { c: "sign", stream: this.model.hello.stream, unit: sheet.unit, sub: sheet.sub, seat: this.model.me, step: "lead", digest: sealWords(this.seen(sheet)).digest });
      return;
    }
    const via = this.seat === this.model.me ? {} : { via: "panel" };
    this.#signed(sheet, { c: "sign", stream: this.model.hello.stream, unit: sheet.unit, sub: sheet.sub, seat: this.seat, digest: sealWords(this.seen(sheet)).digest, ...via });
  }

  /** A signature, with the proof that its judge typed the PIN where one is asked. @param {Sheet} sheet @param {Record<string, any>} cmd */
  async #signed(sheet, cmd) {
    const k = newKey();
    const ticket = await this.lock.ticket(k, cmd.seat);
    // While the PIN was typed the sheet may have changed: then it is looked at again first.
    const now = this.model.countersigns(sheet) ? cmd.digest : sealWords(this.seen(sheet)).digest;
    if (ticket !== null && !this.unready && now === cmd.digest) this.record(sheet, cmd, { k, ...(ticket && { ticket }) });
  }

  // ------------------------------------------------------------ onwards

  /** @param {1 | -1} way */
  step(way) {
    const { sheet, aspect } = this;
    if (!sheet || !aspect) return;
    if (!sheet.status && !this.entered(sheet, aspect)) return;
    if (way > 0) this.next().go();
    else this.previous();
    this.ui.byKey = this.table !== "";
  }

  /** Take a value that was typed and not entered; false when it breaks the rule. @param {Sheet} sheet @param {Aspect} aspect */
  entered(sheet, aspect) {
    const name = this.cellName(sheet, aspect);
    if (this.ui.question?.cell === name) this.ui.question = null;
    return !this.ui.pads.has(name) || this.closed(sheet, aspect) !== "" || this.enter(sheet, aspect);
  }

  // ------------------------------------------------------------ drawing

  /** Draw soon. */
  changed() {
    if (this.drawing) return;
    this.drawing = true;
    queueMicrotask(() => {
      this.drawing = false;
      this.draw();
    });
  }

  draw() {
    if (!document.getElementById("main")) return; // emptied for another judge: the next page is on its way
    this.lock.keep();
    if (this.lock.locked) {
      for (const id of ["top", "rail", "main", "foot", "told"]) draw(place(id), []);
      document.title = t("seat.page");
      return;
    }
    const { sheet } = this;
    const view = !sheet ? nothing : this.ui.view === "sign" ? signing : this.ui.view === "sheets" ? sheetList : this.ui.view === "grid" ? grid : focus;
    draw(place("top"), top(this));
    draw(place("rail"), this.model.hello ? rail(this) : []);
    place("rail").setAttribute("aria-label", t("judge.competitors"));
    draw(place("main"), [this.more?.banner(), view(this)]);
    draw(place("foot"), foot(this));
    document.title = [sheet?.code, sheet && this.model.sub(sheet).key, t("seat.page")].filter(Boolean).join(" ");
    const told = sheet && this.aspect ? `${sheet.code} ${this.title(this.aspect)}` : "";
    if (place("told").textContent !== told) place("told").textContent = told;
    const current = place("rail").querySelector("[aria-current]");
    if (current && current !== this.inView) {
      current.scrollIntoView({ block: "nearest", inline: "nearest" });
      this.inView = current;
    }
    if (this.ui.intoView) this.#showCell();
  }

  /** The cell at hand into sight, and the focus on it where keys led there. */
  #showCell() {
    const cell = /** @type {HTMLElement | null} */ (place("main").querySelector("[data-cell][aria-current]"));
    cell?.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (this.ui.byKey) cell?.focus({ preventScroll: true });
    Object.assign(this.ui, { intoView: false, byKey: false });
    const box = cell?.closest(".gridpanel__b");
    if (!box || box === this.watched) return;
    // What is docked below grows and shrinks with what it says; the cell at hand stays in sight.
    this.resized.disconnect();
    this.resized.observe(box);
    this.watched = box;
  }

  async otherLanguage() {
    await switchLanguage();
    this.changed();
  }

  // ------------------------------------------------------------ keyboard

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const { sheet, aspect } = this;
    const on = /** @type {HTMLElement} */ (event.target);
    if (this.lock.locked) return;
    if (!sheet || !aspect || event.ctrlKey || event.metaKey || event.altKey || on.closest("textarea, input, dialog")) return;
    if (event.key === "Enter" && this.ui.view !== "sign") {
      const free = !on.closest("button, a") || on.getAttribute("aria-checked") === "true" || on.matches("[data-cell]");
      if (!free) return;
      event.preventDefault();
      this.step(event.shiftKey ? -1 : 1);
    } else if (event.key === "u") this.undo();
    else if (event.key === "/") {
      event.preventDefault();
      /** @type {HTMLElement | null} */ (place("rail").querySelector("[aria-current], button"))?.focus();
    } else if (ARROWS[event.key] && this.table && !event.defaultPrevented) {
      if (this.moveCell(...ARROWS[event.key])) event.preventDefault();
    } else if (["ArrowUp", "ArrowDown"].includes(event.key) && this.inColumns(sheet, aspect) && !event.defaultPrevented) {
      event.preventDefault();
      this.sitBeside(event.key === "ArrowUp" ? -1 : 1);
    } else if (["focus", "grid"].includes(this.ui.view)) this.#figure(event, sheet, aspect);
  }

  /** @param {KeyboardEvent} event @param {Sheet} sheet @param {Aspect} aspect */
  #figure(event, sheet, aspect) {
    const shut = this.closed(sheet, aspect) || this.model.twofold(sheet, aspect, this.seat);
    if (shut) return;
    if (event.key === "n") {
      event.preventDefault();
      this.note(aspect);
    }
    if (choicesOf(aspect).length && ["Backspace", "Delete"].includes(event.key)) this.give(aspect, null);
    if (aspect.method === "judgement") {
      if (/^[0-3]$/.test(event.key)) {
        this.give(aspect, event.key);
        const owing = this.inColumns(sheet, aspect) && this.owing(sheet, aspect);
        if (owing) this.sit(owing);
      }
    } else if (!choicesOf(aspect).length && (/^[0-9.-]$/.test(event.key) || event.key === "Backspace")) {
      const rule = limits(aspect);
      if ((event.key === "-" && !rule.minus) || (event.key === "." && rule.whole)) return;
      this.press(sheet, aspect, event.key === "Backspace" ? "erase" : event.key);
    }
  }

  // ------------------------------------------------------------ beginning

  async start() {
    const name = storeName();
    if (misplaced()) return;
    try {
      await emptied(name);
      this.outbox = await Outbox.open(name);
      const kept = await this.outbox.all();
      this.model.records = kept.records;
      this.model.cursor = kept.cursor;
      this.model.hello = kept.hello;
      this.lock.restore(kept.prefs);
      for (const sheet of kept.sheets) this.model.take(sheet);
      const { session = "", unit = "", sub = "", aspect = "", entry = "focus", axis = "sheet" } = kept.prefs;
      Object.assign(this.ui, { session, unit, sub, aspect, entry, axis, view: entry, intoView: true });
      if (kept.hello) this.settlePlace();
      this.model.sift();
    } catch (error) {
      this.broken = String(error);
    }
    this.link.open();
    this.started = true;
    this.changed();
    setInterval(() => this.#tick(), 1000);
    addEventListener("keydown", (event) => this.pressed(event));
    addEventListener("beforeunload", (event) => !this.leaving && this.model.pending.length && event.preventDefault());
  }

  #tick() {
    const now = performance.now();
    if (this.ui.back && this.ui.back.until < now) this.ui.back = null;
    if (this.ui.restored && this.ui.restored.until < now && !this.model.records.some((one) => one.again)) this.ui.restored = null;
    this.sender.tick();
    this.lock.tick();
    if (this.more) this.more.tick();
    else if (this.link.seconds > 3) this.#further(); // offline: it may still be among what the browser keeps
    this.changed();
  }

  /** What the first keys do not need comes once they stand and while the line is known to carry, before the network may go. */
  #further() {
    const carries = this.link.state === "connected";
    if (!this.outbox || (!carries && this.searched)) return;
    this.searched = !carries;
    const more = this.more || import("./seat_more.js").then((found) => this.more || found.begin(this));
    Promise.all([more, bringAll(this), preload()]).catch(() => undefined);
  }

  /** The line came back and everything went. @param {number} n */
  delivered(n) {
    this.ui.back = { code: "say.back", n, until: performance.now() + BACK_FOR };
  }

  /** The server holds another past: everything kept goes again. @param {number} n */
  restored(n) {
    this.ui.restored = n ? { n, until: performance.now() + BACK_FOR } : null;
  }

  /** This window takes the seat back from another one of the same tablet. */
  async takeOver() {
    if (this.outbox) this.model.records = (await this.outbox.all()).records;
    this.model.shelf = [];
    this.link.open();
  }
}

const app = new App();
// For people who look into a tablet at the venue; nothing of the page depends on it.
Object.assign(window, { compsys: app });
await app.start();
keepPage();
// Over TLS the page also opens without the server, and the screen stays on; it is as good without.
if (location.protocol === "https:") import("./secure.js").then((secure) => (app.link.health.secure = secure)).catch(() => undefined);
