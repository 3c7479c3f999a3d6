/**
 * What stands beside a value and is not needed for the first keys: its pictures, the bench that was scanned, the total so far.
 */

import { h, icon } from "./dom.js";
import { Benches } from "./seat_bench.js";
import { storeName } from "./seat_cold.js";
import { Pictures } from "./seat_pictures.js";
import { LIVE } from "./seat_practice.js";
import { t } from "./words.js";

/** @typedef {import("./seat.js").App} App */
/** @typedef {Record<string, any>} Sheet */
/** @typedef {Record<string, any>} Aspect */

const LOOK_EVERY = 10_000;

export class More {
  /** @param {App} app @param {Pictures | null} pictures null where this browser keeps none */
  constructor(app, pictures) {
    this.app = app;
    this.pictures = pictures;
    this.benches = new Benches(app);
    /** the calibration sample of this judge */
    this.sample = { waits: false, signed: false };
    this.looked = -Infinity;
  }

  /** Once a second. */
  tick() {
    this.pictures?.tick();
  }

  /** Keys beside an aspect's title. @param {Sheet} sheet @param {Aspect} aspect */
  keys(sheet, aspect) {
    return [this.pictures?.key(sheet, aspect), this.benches.key(true)];
  }

  /** What stands across the page above everything. */
  banner() {
    return this.benches.banner();
  }

  /** Keys where a sheet is chosen; whether a sample waits is asked when somebody looks. */
  listed() {
    this.#look();
    const sample = this.sample.waits && h("a", { class: `btn${this.sample.signed ? "" : " btn--main"}`, key: "sample", href: "/seat/calibration" }, icon(this.sample.signed ? "sign" : "half"), t("calibration.open"));
    return h("div", { class: "btns", key: "more" }, this.benches.key(false), sample);
  }

  /** Ask the server, at most every few seconds. */
  async #look() {
    if (LIVE || this.looked > performance.now() - LOOK_EVERY || !this.app.link.up) return;
    this.looked = performance.now();
    const answer = await fetch("/seat/calibration/waits").catch(() => null);
    if (!answer?.ok) return;
    this.sample = await answer.json();
    this.app.changed();
  }

  /** The total of a competitor so far, as the server adds it up, where the rules allow it: of the sheet it said it with last. @param {Sheet} sheet */
  total(sheet) {
    const all = [...this.app.model.sheets.values()].filter((one) => one.unit === sheet.unit && one.mine.marks && one.total);
    const newest = all.reduce((/** @type {Sheet | null} */ last, one) => (last && last.n >= one.n ? last : one), null);
    return newest && newest.total.of !== "0" && h("p", { class: "sofar", key: "sofar" }, t("total.so_far", newest.total));
  }

  /** What stands below an aspect's words. @param {Sheet} sheet @param {Aspect} aspect @param {boolean} shut */
  beside(sheet, aspect, shut) {
    return this.pictures?.strip(sheet, aspect, shut);
  }
}

let begun = false;

/** @param {App} app */
export async function begin(app) {
  if (begun) return;
  begun = true;
  // Samples have no pictures: a practice leaves nothing anywhere.
  const pictures = LIVE ? null : await Pictures.open(app, storeName()).catch(() => null);
  app.more = new More(app, pictures);
  app.changed();
}
