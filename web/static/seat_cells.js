/**
 * Knows the ways through the tables: which cells stand in them, and where arrows, Enter and the main key lead.
 *
 * A table shows one sheet (its aspects), one aspect (the competitors of the session) or all (aspects by competitors). The cell at
 * hand is the same place as in the focus view: competitor, sheet, aspect.
 */

import { Places } from "./seat_place.js";

/** @typedef {Record<string, any>} Sheet */
/** @typedef {Record<string, any>} Aspect */
/** @typedef {{word: string, params?: Record<string, string>, go: () => void}} Way */

/** What a table can show. */
export const AXES = ["sheet", "aspect", "all"];

const SWITCHED_FOR = 3_000;

export class Cells extends Places {
  constructor() {
    super();
    Object.assign(this.ui, { axis: "sheet", intoView: false, byKey: false, asks: new Set(), question: null });
  }

  /** What the table at hand shows; "" where it is none. */
  get table() {
    return this.ui.view === "grid" ? this.ui.axis : "";
  }

  /** The sheets of this sub-criterion of all competitors of the session, by code. @returns {Sheet[]} */
  get across() {
    const here = this.sheet;
    if (!here) return [];
    return this.model.units(this.ui.session).flatMap(([, sheets]) => sheets.filter((sheet) => sheet.sub === here.sub && sheet.group === here.group));
  }

  /** Take what was typed and not entered; false when it breaks its rule. @param {Sheet} sheet @param {Aspect} aspect @returns {boolean} */
  entered(sheet, aspect) {
    return Boolean(sheet && aspect);
  }

  /** @param {string} view */
  show(view) {
    super.show(view);
    this.ui.intoView = true;
  }

  /** Show another table. @param {string} axis */
  chooseAxis(axis) {
    if (this.sheet && this.aspect && !this.entered(this.sheet, this.aspect)) return;
    this.ui.axis = axis;
    this.chooseView("grid");
  }

  /** To a cell of the table; what was typed in the one before is entered first. @param {Sheet} sheet @param {string} aspect @param {boolean} [byKey] the focus goes along */
  goCell(sheet, aspect, byKey = false) {
    const { sheet: from, aspect: was } = this;
    const moves = sheet.unit !== this.ui.unit || aspect !== was?.key;
    if (moves && from && was && !this.entered(from, was)) return;
    if (sheet.unit !== this.ui.unit) {
      this.ui.switched = performance.now() + SWITCHED_FOR;
      setTimeout(() => this.changed(), SWITCHED_FOR + 1);
    }
    Object.assign(this.ui, { unit: sheet.unit, sub: sheet.sub, aspect, gone: false, problem: null, intoView: true, byKey });
    this.changed();
    this.remember();
  }

  /** One cell on, by an arrow key. @param {number} right @param {number} down @returns {boolean} whether there was one */
  moveCell(right, down) {
    const { sheet, aspect, table } = this;
    if (!sheet || !aspect || !table) return false;
    const sheets = table === "sheet" ? [sheet] : this.across;
    const aspects = table === "aspect" ? [aspect] : this.model.aspects(sheet);
    const [along, up] = table === "aspect" ? [down, 0] : [right, down];
    const to = sheets[sheets.indexOf(sheet) + along];
    const on = aspects[aspects.indexOf(aspect) + up];
    if (to && on) this.goCell(to, on.key, true);
    return Boolean(along || up);
  }

  /** The aspect before or after this one, for the competitor at hand. @param {1 | -1} way */
  goBeside(way) {
    const all = this.sheet ? this.model.aspects(this.sheet) : [];
    const to = all[all.indexOf(/** @type {Aspect} */ (this.aspect)) + way];
    if (to && this.sheet) this.goCell(this.sheet, to.key);
  }

  /** Whether a cell waits for a value of this seat. @param {Sheet} sheet @param {Aspect} aspect */
  waits(sheet, aspect) {
    return !this.model.closed(sheet, aspect, this.seat) && !this.model.done(sheet, aspect, this.seat);
  }

  /** @returns {Way} */
  next() {
    return this.table === "aspect" ? this.#nextAcross() : super.next();
  }

  /** The next competitor for the same aspect; after the last one those left blank, then the next aspect. @returns {Way} */
  #nextAcross() {
    const { sheet, aspect, across } = this;
    if (!sheet || !aspect) return super.next();
    const to = (/** @type {Sheet} */ one) => ({ word: "seat.next_unit", params: { code: one.code }, go: () => this.goCell(one, aspect.key, true) });
    const below = across.slice(across.indexOf(sheet) + 1).find((one) => !one.status);
    if (below) return to(below);
    const hole = across.find((one) => one !== sheet && this.waits(one, aspect));
    if (hole) return to(hole);
    const all = this.model.aspects(sheet);
    const on = all[all.indexOf(aspect) + 1];
    const first = across.find((one) => !one.status);
    return on && first ? { word: "seat.next_aspect", params: { aspect: short(on) }, go: () => this.goCell(first, on.key, true) } : super.next();
  }

  /** What the key "previous" leads to. */
  previous() {
    const { sheet, aspect, across } = this;
    if (!sheet || !aspect) return;
    const all = this.model.aspects(sheet);
    const above = across[across.indexOf(sheet) - 1];
    if (this.table === "aspect" && above) this.goCell(above, aspect.key, true);
    else if (all.indexOf(aspect) > 0) this.goAspect(all[all.indexOf(aspect) - 1].key);
    else this.show("sheets");
  }
}

/** The last part of an aspect's key, which its column is headed with. @param {Aspect} aspect @returns {string} */
export const short = (aspect) => aspect.key.split(".").pop() ?? "";
