/**
 * Reads a seat's sheets together with its own pending marks: what a cell holds, what is blank, what may be signed; no DOM.
 *
 * Nothing here computes a mark or judges a spread: those come from the server. What is read is the server's view of each sheet,
 * with this tablet's newer records laid over it.
 */

import { t } from "./words.js";

/** @typedef {import("./outbox.js").Rec} Rec */
/** @typedef {Record<string, any>} Sheet the wire's sheet */
/** @typedef {Record<string, any>} Aspect the wire's aspect: key, title, method, max, ... */
/** @typedef {{value: string | null, note: string, files: string[], base: number | string, rev: number, state: "" | "writing" | "saved" | "received", n: number}} Cell */
/** @typedef {{value: string | null, rev: number, note?: string, files?: string[], others?: (string | null)[], elsewhere?: boolean}} Told elsewhere: the seat's value was given otherwise, and is not told */

/** The seat of a value that is one for the whole panel. */
export const PANEL = "*";

export class Model {
  constructor() {
    /** @type {any} */
    this.hello = null;
    /** @type {import("./outbox.js").Cursor | null} */
    this.cursor = null;
    /** @type {Map<string, Sheet>} */
    this.sheets = new Map();
    /** sheets that this seat has left, as far as they were told since the page was opened @type {Map<string, Sheet>} */
    this.left = new Map();
    /** @type {Rec[]} */
    this.records = [];
    /** answered records that only a restored server would need again: they stay in the database, here is where. Drawing and sending never look at them @type {{seq: number, n: number}[]} */
    this.shelf = [];
    /** how far a copy off the server's machine reaches: records up to that line may go */
    this.kept = 0;
    /** the same when what may go was last looked for */
    this.swept = 0;
    /** what was worked out since the sheets last changed @type {Map<string, any>} */
    this.memo = new Map();
    /** marks by cell and by sheet, for the records as they were then @type {{of: Rec[], length: number, cells: Map<string, Rec[]>, sheets: Map<string, Rec[]>}} */
    this.index = { of: [], length: 0, cells: new Map(), sheets: new Map() };
    /** what a sheet's view and its records came to @type {WeakMap<Sheet, Record<string, any>>} */
    this.tallies = new WeakMap();
  }

  /** @template T @param {string} key @param {() => T} make @returns {T} */
  #once(key, make) {
    if (!this.memo.has(key)) this.memo.set(key, make());
    return this.memo.get(key);
  }

  /** Everything anew. @param {any} whole the wire's whole */
  start(whole) {
    const { sheets, ...hello } = whole;
    this.hello = hello;
    this.sheets = new Map();
    this.memo.clear();
    for (const sheet of sheets) this.take(sheet);
  }

  /**
   * A changed sheet; an older view of it than the one held is passed over. Of a part only the aspects it brings are new.
   * @param {Sheet} sheet @returns {Sheet} the sheet as it is held now (or that it is gone)
   */
  take(sheet) {
    const key = `${sheet.unit}/${sheet.sub}`;
    const held = this.sheets.get(key);
    this.memo.clear();
    if (sheet.gone) {
      this.sheets.delete(key);
      this.left.set(key, sheet);
      return sheet;
    }
    if (held && sheet.n < held.n) return held;
    const { part, ...now } = sheet;
    if (part && held) now.aspects = { ...held.aspects, ...sheet.aspects };
    this.sheets.set(key, now);
    return now;
  }

  get me() {
    return this.hello?.seat.key ?? "";
  }

  /** Records the server has not answered, in their order. */
  get pending() {
    return this.records.filter((record) => !record.answer);
  }

  /** The sheets this seat marks. @returns {Sheet[]} */
  get mine() {
    return this.#once("mine", () => [...this.sheets.values()].filter((sheet) => sheet.mine.marks));
  }

  /** Sessions that have sheets of this seat, in their order. @returns {any[]} */
  get sessions() {
    const used = new Set(this.mine.map((sheet) => sheet.session));
    return (this.hello?.sessions ?? []).filter((/** @type {any} */ session) => used.has(session.id));
  }

  /** The session to begin with: the newest that runs, else the newest that started. */
  get firstSession() {
    const started = this.sessions.toSorted((a, b) => (a.started < b.started ? 1 : -1));
    return (started.find((session) => session.state === "running") ?? started[0])?.id ?? "";
  }

  /** Units of a session by code: [unit, its sheets in the scheme's order]. @param {string} session @returns {[string, Sheet[]][]} */
  units(session) {
    return this.#once(`units ${session}`, () => this.#units(session));
  }

  /** @param {string} session @returns {[string, Sheet[]][]} */
  #units(session) {
    /** @type {Map<string, Sheet[]>} */
    const found = new Map();
    for (const sheet of this.mine) if (sheet.session === session) found.get(sheet.unit)?.push(sheet) ?? found.set(sheet.unit, [sheet]);
    for (const sheets of found.values()) sheets.sort((a, b) => this.order(a) - this.order(b));
    const number = new Intl.Collator("en", { numeric: true });
    return [...found].toSorted((a, b) => number.compare(a[1][0].code, b[1][0].code));
  }

  /** @param {Sheet} sheet */
  order(sheet) {
    const places = this.#once(`subs ${sheet.group}`, () => new Map(this.hello.groups[sheet.group].subs.map((/** @type {any} */ sub, /** @type {number} */ at) => [sub.key, at])));
    return places.get(sheet.sub);
  }

  /** A sheet's sub-criterion as the scheme has it. @param {Sheet} sheet */
  sub(sheet) {
    return this.hello.groups[sheet.group].subs[this.order(sheet)];
  }

  /** @param {Sheet} sheet @returns {Aspect[]} */
  aspects(sheet) {
    return this.sub(sheet).aspects;
  }

  /** The rules a sheet's group has for judgement. @param {Sheet} sheet */
  rules(sheet) {
    return this.hello.groups[sheet.group];
  }

  /** A session's record. @param {string} id */
  session(id) {
    return (this.hello?.sessions ?? []).find((/** @type {any} */ session) => session.id === id);
  }

  /** Whose value an aspect takes: the panel's, or this seat's. @param {Aspect} aspect @param {string} seat */
  who(aspect, seat) {
    return aspect.method === "agreed" ? PANEL : seat;
  }

  /** What the server tells this tablet of a seat's value: its own, the panel's, or at a panel's one tablet what its lead entered. @param {Sheet} sheet @param {Aspect} aspect @param {string} seat @returns {Told} */
  told(sheet, aspect, seat) {
    const who = this.who(aspect, seat);
    const view = sheet.aspects[aspect.key];
    if (who === PANEL || who === this.me) return view;
    const found = sheet.panel?.[who]?.[aspect.key] ?? { value: null, rev: 0 };
    const open = view.revealed?.[who];
    return found.elsewhere && open !== undefined ? { ...found, value: open } : found;
  }

  /** What a cell of the current round holds, this tablet's newer records included. @param {Sheet} sheet @param {Aspect} aspect @param {string} seat @returns {Cell} */
  cell(sheet, aspect, seat) {
    const view = sheet.aspects[aspect.key];
    const who = this.who(aspect, seat);
    const told = this.told(sheet, aspect, seat);
    /** @type {Cell} */
    const cell = { value: told.value, note: told.note ?? "", files: told.files ?? [], base: told.rev, rev: told.rev, state: "", n: 0 };
    if (cell.value !== null) cell.state = "received";
    for (const record of this.#marks(`${sheet.unit} ${aspect.key} ${who} ${view.round}`)) {
      const { cmd, answer } = record;
      if (!answer) Object.assign(cell, { value: cmd.value, note: cmd.note ?? "", files: cmd.files ?? [], base: record.k, state: record.stored ? "saved" : "writing", n: 0 });
      else if (told.elsewhere) continue;
      else if (answer.a === "accepted" && (answer.rev ?? 0) > cell.rev)
        Object.assign(cell, { value: cmd.value, note: cmd.note ?? "", files: cmd.files ?? [], base: answer.rev, rev: answer.rev, state: record.again ? "saved" : "received", n: answer.n });
      else if (answer.a === "accepted" && answer.rev === cell.rev && cell.state !== "saved") Object.assign(cell, { state: "received", n: answer.n });
    }
    return cell;
  }

  /** The kept marks by cell and by sheet, each in their order. */
  get #kept() {
    const { records } = this;
    if (this.index.of !== records || this.index.length !== records.length) {
      this.index = { of: records, length: records.length, cells: new Map(), sheets: new Map() };
      const { cells, sheets } = this.index;
      for (const record of records) {
        const { c, unit, aspect, seat, round } = record.cmd;
        if (c !== "mark") continue;
        const key = `${unit} ${aspect} ${seat} ${round}`;
        cells.get(key)?.push(record) ?? cells.set(key, [record]);
        sheets.get(record.sheet)?.push(record) ?? sheets.set(record.sheet, [record]);
      }
    }
    return this.index;
  }

  /** @param {string} cell @returns {Rec[]} */
  #marks(cell) {
    return this.#kept.cells.get(cell) ?? [];
  }

  /**
   * How many aspects of a sheet are blank, whether one has two values, whether votes are apart. Drawing the rail asks this of every
   * sheet, so it is worked out anew only where the view or this tablet's marks of the sheet are others than before.
   * @param {Sheet} sheet @param {string} seat @returns {Record<string, any>}
   */
  tally(sheet, seat) {
    const marks = this.#kept.sheets.get(`${sheet.unit}/${sheet.sub}`) ?? [];
    let answered = 0;
    for (const mark of marks) if (mark.answer) answered += 1;
    const held = this.tallies.get(sheet);
    if (held && held.seat === seat && held.last === marks.at(-1) && held.count === marks.length && held.answered === answered) return held;
    const seats = this.seats(sheet, seat);
    const found = {
      ...{ seat, last: marks.at(-1), count: marks.length, answered },
      blank: this.aspects(sheet).filter((aspect) => !seats.every((one) => this.done(sheet, aspect, one))).length,
      conflict: this.conflicts(sheet).length > 0,
      apart: this.aspects(sheet).some((aspect) => this.apart(sheet, aspect)),
    };
    this.tallies.set(sheet, found);
    return found;
  }

  /** Whether an aspect needs nothing more from this seat. @param {Sheet} sheet @param {Aspect} aspect @param {string} seat */
  done(sheet, aspect, seat) {
    const view = sheet.aspects[aspect.key];
    if (view.voided || view.resolved || view.excused?.[this.who(aspect, seat)] !== undefined) return true;
    if (aspect.method === "judgement" && view.revealed) return true; // the vote is over: who joined after it owes none
    return this.elsewhere(sheet, aspect, seat) || this.cell(sheet, aspect, seat).value !== null;
  }

  /** Whether a seat's value was given otherwise than at this panel's tablet, and nothing entered here stands against it. @param {Sheet} sheet @param {Aspect} aspect @param {string} seat */
  elsewhere(sheet, aspect, seat) {
    return this.told(sheet, aspect, seat).elsewhere === true && !this.twofold(sheet, aspect, seat);
  }

  /** The aspects that are blank. @param {Sheet} sheet @param {string} seat @returns {Aspect[]} */
  holes(sheet, seat) {
    return this.aspects(sheet).filter((aspect) => !this.done(sheet, aspect, seat));
  }

  /** Whether an aspect's revealed votes are too far apart and nobody has settled it. @param {Sheet} sheet @param {Aspect} aspect */
  apart(sheet, aspect) {
    const view = sheet.aspects[aspect.key];
    return view.revealed !== undefined && view.legal === false && !view.resolved && !view.voided;
  }

  /** Aspects with two values, of a seat or of any whose values are told here. @param {Sheet} sheet @param {string} [seat] */
  conflicts(sheet, seat = "") {
    const seats = seat ? [seat] : [this.me, ...Object.keys(sheet.panel ?? {})];
    return this.aspects(sheet).filter((aspect) => seats.some((one) => this.twofold(sheet, aspect, one)));
  }

  /** Whether a cell holds two values, one of which must be chosen. @param {Sheet} sheet @param {Aspect} aspect @param {string} seat */
  twofold(sheet, aspect, seat) {
    const { value, others, elsewhere } = this.told(sheet, aspect, seat);
    return Boolean(others?.length) || (elsewhere === true && value !== null && sheet.aspects[aspect.key].revealed?.[seat] === undefined);
  }

  /** Why an aspect takes no value now: a word, "" when it does. @param {Sheet} sheet @param {Aspect} aspect @param {string} seat */
  closed(sheet, aspect, seat) {
    const view = sheet.aspects[aspect.key];
    if (sheet.status) return "status";
    if (sheet.state === "locked") return "locked";
    if (sheet.state === "signed" || this.hasSigned(sheet, seat)) return "signed";
    if (aspect.method === "agreed" && sheet.roster.some((/** @type {any} */ one) => one.signed)) return "signed";
    if (view.voided) return "voided";
    if (view.resolved) return "resolved";
    if (view.revealed === undefined && this.elsewhere(sheet, aspect, seat)) return "elsewhere";
    return view.revealed && aspect.method === "judgement" ? "revealed" : "";
  }

  /** Whether this tablet is the one of the sheet's whole panel. @param {Sheet} sheet */
  shares(sheet) {
    return this.hello?.mode === "panel" && this.hello.seat.role === "lead" && sheet.mine.marks && sheet.roster.length > 1;
  }

  /** The seats whose values are given at this tablet: all of the panel that shares it, else the one at hand. @param {Sheet} sheet @param {string} seat @returns {string[]} */
  seats(sheet, seat) {
    return this.shares(sheet) ? sheet.roster.map((/** @type {any} */ one) => one.seat) : [seat];
  }

  /** A seat's label on a sheet. @param {Sheet} sheet @param {string} seat @returns {string} */
  label(sheet, seat) {
    return sheet.roster.find((/** @type {any} */ one) => one.seat === seat)?.label ?? "";
  }

  /** What is proposed that a competitor be instead of marked, this tablet's own included. @param {Sheet} sheet @returns {string[]} */
  proposed(sheet) {
    const own = this.pending.filter(({ cmd }) => cmd.c === "report" && cmd.unit === sheet.unit && ["absent", "withdrawn", "excluded"].includes(cmd.incident)).map(({ cmd }) => cmd.incident);
    return [...(sheet.proposed ?? []), ...own];
  }

  /** @param {Sheet} sheet @param {string} seat */
  hasSigned(sheet, seat) {
    return sheet.roster.some((/** @type {any} */ one) => one.seat === seat && one.signed);
  }

  /** Whether a sheet waits for this tablet's own countersignature: all seats have signed it, the lead's link of its chain is next, and this seat leads. @param {Sheet} sheet */
  countersigns(sheet) {
    const link = (this.rules(sheet).chain ?? []).find((/** @type {string} */ one) => !sheet.steps?.includes(one));
    const leads = this.hello.seat.role === "lead" && sheet.mine.marks;
    return link === "lead" && leads && sheet.state === "signed" && !sheet.status;
  }

  /** Whether this tablet signs, or has signed, a sheet for its whole panel. @param {Sheet} sheet */
  forPanel(sheet) {
    return this.countersigns(sheet) || (this.hello.seat.role === "lead" && sheet.mine.marks && sheet.steps?.includes("lead") === true);
  }

  /** Why a signature cannot go now: it is on its way, marks of the sheet are not received, or there is no line. @param {Sheet} sheet @param {boolean} up connected */
  #unsent(sheet, up) {
    const key = `${sheet.unit}/${sheet.sub}`;
    if (this.pending.some((record) => record.sheet === key && record.cmd.c === "sign")) return { code: "seat.signing", params: {} };
    const unsent = this.pending.filter((record) => record.sheet === key).length;
    return unsent || !up ? { code: unsent ? "seat.sign_unsent" : "seat.sign_offline", params: { n: unsent } } : null;
  }

  /** The seats of a judgement or points aspect that have not voted. @param {Sheet} sheet @param {Aspect} aspect @returns {any[]} */
  missing(sheet, aspect) {
    const view = sheet.aspects[aspect.key];
    return sheet.roster.filter((/** @type {any} */ one) => !view.voted?.includes(one.seat) && view.excused?.[one.seat] === undefined);
  }

  /** Why a seat cannot sign: a code with parameters, null when it can. @param {Sheet} sheet @param {string} seat @param {boolean} up connected */
  unready(sheet, seat, up) {
    if (sheet.status) return { code: `cell.${sheet.status}`, params: {} };
    if (sheet.state === "locked") return { code: "seat.locked", params: {} };
    if (this.countersigns(sheet)) return this.#unsent(sheet, up);
    if (this.hasSigned(sheet, seat)) return { code: "status.signed", params: {} };
    const blank = this.holes(sheet, seat).length;
    if (blank) return { code: "do.sign_left", params: { n: blank } };
    if (this.conflicts(sheet, seat).length) return { code: "status.conflict", params: {} };
    if (this.aspects(sheet).some((aspect) => sheet.aspects[aspect.key].revealed === undefined && this.elsewhere(sheet, aspect, seat))) return { code: "seat.sign_elsewhere", params: { seat: this.label(sheet, seat) } };
    if (this.aspects(sheet).some((aspect) => this.apart(sheet, aspect))) return { code: "status.spread", params: {} };
    const unsent = this.#unsent(sheet, up);
    if (unsent) return unsent;
    const waiting = this.aspects(sheet).find(
      (aspect) => aspect.method === "judgement" && !sheet.aspects[aspect.key].revealed && !sheet.aspects[aspect.key].voided && !sheet.aspects[aspect.key].resolved && this.missing(sheet, aspect).length,
    );
    if (waiting) return { code: "seat.sign_waiting", params: { seats: labels(this.missing(sheet, waiting)).join(t("ui.list_seats")) } };
    return sheet.keyed.some((/** @type {string} */ one) => one === seat || one === PANEL) ? { code: "seat.sign_keyed", params: {} } : null;
  }

  /** A unit's state over its sheets, as the rail shows it: chip word, icon, tone, counts. @param {Sheet[]} sheets @param {string} seat */
  unitState(sheets, seat) {
    const out = sheets.find((sheet) => sheet.status);
    if (out && sheets.every((sheet) => sheet.status)) return { word: `cell.${out.status}`, sign: "barred", tone: "out", done: 0, of: 0 };
    const open = sheets.filter((sheet) => !sheet.status);
    let done = 0;
    let of = 0;
    for (const sheet of open) {
      const all = this.aspects(sheet).length;
      of += all;
      done += all - this.tally(sheet, seat).blank;
    }
    const say = (/** @type {string} */ word, /** @type {string} */ sign, tone = "") => ({ word, sign, tone, done, of });
    if (open.some((sheet) => this.tally(sheet, seat).conflict)) return say("status.conflict", "conflict", "stop");
    if (open.some((sheet) => sheet.state !== "locked" && this.tally(sheet, seat).apart)) return say("status.spread", "octagon", "stop");
    if (open.some((sheet) => sheet.state === "returned" && !this.hasSigned(sheet, seat))) return say("status.returned", "return", "stop");
    if (open.every((sheet) => sheet.state === "locked")) return say("status.locked", "lock");
    const signed = open.every((sheet) => sheet.state === "locked" || this.seats(sheet, seat).every((one) => this.hasSigned(sheet, one)));
    if (signed && open.some((sheet) => this.countersigns(sheet))) return say("status.countersign", "sign", "act");
    if (signed) return say("status.signed", "sign", "ok");
    if (done === of) return say("status.complete", "disc");
    return done ? say("status.part", "half") : say("status.not_started", "ring");
  }

  /** What the chief made of a late mark ("" = nothing yet), and the word under which its judge has read that. @param {Rec} record @returns {{settled: string, reason: string, read: string}} */
  fate({ sheet, answer }) {
    const told = (this.sheets.get(sheet) ?? this.left.get(sheet))?.late?.[String(answer?.n)];
    return { settled: told?.settled ?? "", reason: told?.reason ?? "", read: told ? "settled" : "read" };
  }

  /** Accepted records whose value the server shows otherwise: it must never happen, and is said aloud if it does. @returns {Rec[]} */
  differing() {
    return this.records.filter(({ cmd, answer, sheet }) => {
      const view = this.sheets.get(sheet)?.aspects[cmd.aspect];
      const told = cmd.seat === PANEL || cmd.seat === this.me ? view : this.sheets.get(sheet)?.panel?.[cmd.seat]?.[cmd.aspect];
      return cmd.c === "mark" && answer?.a === "accepted" && told && !told.elsewhere && view.round === cmd.round && told.rev === answer.rev && told.value !== cmd.value;
    });
  }

  /** The records that are done with: their sheet is signed by all or locked, and the line is behind the cursor. @returns {Rec[]} */
  spent() {
    const reached = this.cursor?.n ?? 0;
    return this.records.filter(({ answer, sheet, again }) => {
      if (answer?.a === "late" && answer.code !== "settled") return false; // its judge has still to hear what became of it
      if (!answer || again || answer.a === "refused" || (answer.n ?? 0) > reached) return false;
      const state = this.sheets.get(sheet)?.state;
      return state === "signed" || state === "locked";
    });
  }

  /**
   * Put aside what is done with; give away what a copy elsewhere has as well, and no sooner: a server restored from an older copy
   * gets the others again.
   * @returns {number[]} the numbers of those that may go
   */
  sift() {
    const spent = new Set(this.spent());
    if (spent.size) {
      this.records = this.records.filter((record) => !spent.has(record));
      for (const { seq, answer } of spent) if (seq !== undefined) this.shelf.push({ seq, n: answer?.n ?? 0 });
    }
    if (!spent.size && this.swept === this.kept) return [];
    this.swept = this.kept;
    const covered = this.shelf.filter(({ n }) => n <= this.kept);
    if (covered.length) this.shelf = this.shelf.filter(({ n }) => n > this.kept);
    return covered.map(({ seq }) => seq);
  }
}

/** The labels of seats. @param {any[]} seats @returns {string[]} */
export const labels = (seats) => seats.map((seat) => seat.label);

/**
 * A short code of what was signed, to be compared by eye: FNV-1a over its text (a memory aid; the journal's seal is the proof).
 * @param {unknown} seen @returns {{digest: string, picks: number[]}} 16 hex; four numbers below 64
 */
export function sealOf(seen) {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(JSON.stringify(seen))) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  const folded = hash ^ (hash >> 31n);
  return { digest: hash.toString(16).padStart(16, "0"), picks: [0n, 6n, 12n, 18n].map((shift) => Number((folded >> shift) & 63n)) };
}
