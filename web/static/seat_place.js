/**
 * Knows where the judge is and where the keys lead: session, competitor, sheet, aspect, view.
 */

import { Model } from "./seat_model.js";

/** @typedef {Record<string, any>} Sheet */
/** @typedef {Record<string, any>} Aspect */

const SWITCHED_FOR = 3_000;

export class Places {
  constructor() {
    this.model = new Model();
    /** @type {import("./outbox.js").Outbox | null} */
    this.outbox = null;
    /** @type {import("./seat_link.js").Link} */
    this.link = /** @type {any} */ (null);
    /** @type {Record<string, any>} */
    this.ui = { session: "", unit: "", sub: "", aspect: "", view: "focus", entry: "focus", as: "", pads: new Map(), said: new Map(), drafts: new Map(), problem: null, undo: null, turn: "", switched: 0, back: null, restored: null, gone: false, later: "", read: new Set() };
  }

  /** Draw soon. */
  changed() {}

  /** What is kept beside the place. @returns {Record<string, any>} */
  get kept() {
    return {};
  }

  /** The seat whose values are given: this one's, or at a panel tablet the one chosen. */
  get seat() {
    return this.ui.as || this.model.me;
  }

  get seatLabel() {
    return this.sheet?.roster.find((/** @type {any} */ one) => one.seat === this.seat)?.label ?? this.model.hello?.seat.label ?? "";
  }

  /** @returns {Sheet | undefined} */
  get sheet() {
    return this.model.sheets.get(`${this.ui.unit}/${this.ui.sub}`);
  }

  /** Whether another tablet has taken the seat. */
  get moved() {
    return false;
  }

  /** @returns {Aspect | undefined} */
  get aspect() {
    const all = this.sheet ? this.model.aspects(this.sheet) : [];
    return all.find((one) => one.key === this.ui.aspect) ?? all[0];
  }

  get unready() {
    if (this.moved) return { code: "seat.moved_here", params: {} };
    const { sheet } = this;
    if (!sheet) return null;
    const open = this.model.countersigns(sheet) || this.ui.view === "sign" ? undefined : this.model.shares(sheet) && sheet.roster.find((/** @type {any} */ one) => !one.signed);
    return this.model.unready(sheet, open ? open.seat : this.seat, this.link.up);
  }

  /** Whether the aspect at hand is entered for each seat of the panel, below each other. @param {Sheet} sheet @param {Aspect} aspect */
  inColumns(sheet, aspect) {
    return this.ui.view === "focus" && aspect.method !== "agreed" && this.model.shares(sheet);
  }

  /** Whether an aspect needs nothing more at this tablet. @param {Sheet} sheet @param {Aspect} aspect */
  done(sheet, aspect) {
    return this.model.seats(sheet, this.seat).every((seat) => this.model.done(sheet, aspect, seat));
  }

  /** The aspects blank at this tablet. @param {Sheet} sheet @returns {Aspect[]} */
  holes(sheet) {
    return this.model.aspects(sheet).filter((aspect) => !this.done(sheet, aspect));
  }

  /** The seat after the one at hand (it included last) that still owes a value here, "" when none does. @param {Sheet} sheet @param {Aspect} aspect */
  owing(sheet, aspect) {
    const seats = this.model.seats(sheet, this.seat);
    const at = seats.indexOf(this.seat) + 1;
    return [...seats.slice(at), ...seats.slice(0, at)].find((seat) => !this.model.done(sheet, aspect, seat) && !this.model.closed(sheet, aspect, seat)) ?? "";
  }

  /** Whether the seat at hand has a value, or one in its pad that the next step enters. @param {Sheet} sheet @param {Aspect} aspect */
  #begun(sheet, aspect) {
    const pad = `${sheet.unit} ${aspect.key} ${this.seat} `;
    return this.model.done(sheet, aspect, this.seat) || [...this.ui.pads.keys()].some((cell) => cell.startsWith(pad));
  }

  /** The seat above or below in the columns. @param {1 | -1} way */
  sitBeside(way) {
    const seats = this.sheet ? this.model.seats(this.sheet, this.seat) : [];
    const to = seats[seats.indexOf(this.seat) + way];
    if (to) this.sit(to);
  }

  /** To a competitor: to the same sheet where that is open, else to the first that is. @param {string} unit @param {boolean} [first] to the first in any case */
  goUnit(unit, first = false) {
    const sheets = this.model.units(this.ui.session).find(([one]) => one === unit)?.[1] ?? [];
    if (!sheets.length) return;
    if (unit !== this.ui.unit) {
      this.ui.switched = performance.now() + SWITCHED_FOR;
      setTimeout(() => this.changed(), SWITCHED_FOR + 1);
    }
    this.ui.unit = unit;
    const open = sheets.filter((sheet) => this.#unfinished(sheet));
    const same = open.find((sheet) => sheet.sub === this.ui.sub && !first);
    this.goSheet((same ?? open[0] ?? sheets[0]).sub);
  }

  /** @param {string} sub */
  goSheet(sub) {
    this.ui.sub = sub;
    const sheet = this.sheet;
    if (!sheet) return;
    const all = this.model.aspects(sheet);
    this.ui.aspect = (all.find((aspect) => this.model.apart(sheet, aspect)) ?? this.holes(sheet)[0] ?? all[0]).key;
    this.#sitFirst();
    this.show(this.model.countersigns(sheet) ? "sign" : this.ui.entry);
  }

  /** Whether a sheet still wants something of this seat: its values, its signature or its countersignature. @param {Sheet} sheet */
  #unfinished(sheet) {
    return !sheet.status && sheet.state !== "locked" && (this.model.seats(sheet, this.seat).some((seat) => !this.model.hasSigned(sheet, seat)) || this.model.countersigns(sheet));
  }

  /** @param {string} aspect */
  goAspect(aspect) {
    this.ui.aspect = aspect;
    this.#sitFirst();
    this.show(this.ui.entry);
  }

  /** @param {string} session */
  goSession(session) {
    this.ui.session = session;
    this.ui.unit = "";
    this.goUnit(this.model.units(session)[0]?.[0] ?? "");
  }

  /** At a panel's tablet each aspect begins with the first seat that owes it. */
  #sitFirst() {
    const { sheet, aspect } = this;
    this.ui.turn = "";
    if (!sheet || !aspect || !this.model.shares(sheet)) return;
    const first = sheet.roster[0].seat;
    this.sit(this.model.seats(sheet, first).find((seat) => !this.model.done(sheet, aspect, seat)) ?? first);
  }

  /** A seat of the panel has the tablet in hand, to look at its own values and sign them. @param {string} seat */
  takeTurn(seat) {
    this.sit(seat);
    this.ui.turn = seat;
  }

  /** Enter for another seat of the panel (a panel tablet only). @param {string} seat */
  sit(seat) {
    this.ui.turn = "";
    this.ui.as = seat === this.model.me ? "" : seat;
    this.changed();
  }

  /** @param {string} view */
  show(view) {
    this.ui.view = view;
    this.ui.gone = false;
    this.ui.problem = null;
    document.getElementById("main")?.scrollTo(0, 0);
    this.changed();
    this.remember();
  }

  /** Focus or grid; the choice stays. @param {string} view */
  chooseView(view) {
    this.ui.entry = view;
    this.show(view);
  }

  /** What the main key leads to. @returns {{word: string, params?: Record<string, string>, go: () => void}} */
  next() {
    const sheet = this.sheet;
    if (!sheet) return { word: "do.next", go: () => undefined };
    const all = this.model.aspects(sheet);
    const at = all.indexOf(/** @type {Aspect} */ (this.aspect));
    const owing = all[at] && this.inColumns(sheet, all[at]) && this.#begun(sheet, all[at]) ? this.owing(sheet, all[at]) : "";
    if (!sheet.status && owing) return { word: "seat.label", params: { seat: this.model.label(sheet, owing) }, go: () => this.sit(owing) };
    if (!sheet.status && at < all.length - 1) return { word: "do.next", go: () => this.goAspect(all[at + 1].key) };
    const hole = this.holes(sheet)[0];
    if (!sheet.status && hole && hole !== all[at]) return { word: "do.go_to_aspect", params: { n: String(all.indexOf(hole) + 1) }, go: () => this.goAspect(hole.key) };
    if (this.model.countersigns(sheet) && !this.unready) return { word: "seat.check_and_countersign", go: () => this.show("sign") };
    const signed = this.model.seats(sheet, this.seat).every((seat) => this.model.hasSigned(sheet, seat)) || sheet.state === "locked";
    if (!sheet.status && !signed && !hole && !this.unready) return { word: "seat.check_and_sign", go: () => this.show("sign") };
    return this.onward(sheet);
  }

  /** The next sheet of the unit that is not signed, else the next unit. @param {Sheet} sheet */
  onward(sheet) {
    const units = this.model.units(this.ui.session);
    const at = units.findIndex(([unit]) => unit === sheet.unit);
    const sheets = units[at]?.[1] ?? [];
    const open = (/** @type {Sheet} */ one) => this.#unfinished(one);
    const sub = sheets.slice(sheets.indexOf(sheet) + 1).find(open);
    if (sub) return { word: "seat.next_sheet", params: { sub: sub.sub }, go: () => this.goSheet(sub.sub) };
    const [unit, theirs] = [...units.slice(at + 1), ...units.slice(0, at)].find(([, all]) => all.some(open)) ?? [];
    if (unit && theirs) return { word: "seat.next_unit", params: { code: theirs[0].code }, go: () => this.goUnit(unit, true) };
    return { word: "do.next", go: () => this.goUnit(units[(at + 1) % units.length]?.[0] ?? "") };
  }

  /** After news: stay where the judge is if that is still there. */
  settlePlace() {
    if (!this.model.sessions.some((session) => session.id === this.ui.session)) this.ui.session = this.model.firstSession;
    if (this.sheet?.mine.marks && this.sheet.session === this.ui.session) return;
    const lost = this.ui.unit !== "";
    const units = this.model.units(this.ui.session);
    const [unit] = units.find(([one]) => one === this.ui.unit) ?? units.find(([, sheets]) => sheets.some((sheet) => this.#unfinished(sheet))) ?? units[0] ?? [""];
    this.ui.unit = "";
    if (unit) this.goUnit(unit);
    this.ui.gone = lost;
  }

  remember() {
    const { session, unit, sub, aspect, entry, axis } = this.ui;
    // The place is a comfort: a tablet that cannot keep it goes on.
    this.outbox?.remember({ session, unit, sub, aspect, entry, axis, ...this.kept }).catch(() => undefined);
  }
}
