/**
 * Notices a measured number that is far from the others of its aspect.
 *
 * A decimal point slipped, two figures changed places, or it is simply far off: it is asked about, nothing is decided or held back.
 *
 * Compared with what this seat sees anyway: its own values and the panel's agreed ones of the same aspect on other competitors.
 * Numbers are whole millionths, never floating point.
 */

import { finished, limits, millionths } from "./seat_pad.js";

/** @typedef {import("./seat.js").App} App */
/** @typedef {Record<string, any>} Aspect */
/** @typedef {Record<string, any>} Sheet */

/** How many times the usual distance from the middle is far. */
const FAR = 6n;
/** What counts as close in any case: this part of the middle, in hundredths. */
const CLOSE = 15n;

const size = (/** @type {bigint} */ x) => (x < 0n ? -x : x);
const rising = (/** @type {bigint[]} */ all) => all.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
const middle = (/** @type {bigint[]} */ all) => rising(all)[(all.length - 1) >> 1];

/** The same figures with two neighbours changed. @param {string} text @returns {string[]} */
function turned(text) {
  const found = [];
  for (let at = 0; at + 1 < text.length; at += 1) {
    const [a, b] = [text[at], text[at + 1]];
    if (/\d\d/.test(a + b) && a !== b) found.push(text.slice(0, at) + b + a + text.slice(at + 2));
  }
  return found.filter((one) => !/^-?0\d/.test(one));
}

/**
 * What a number lies far from, "" when it is as the others.
 * @param {string} value @param {string[]} others values of the same aspect elsewhere @param {string} step the smallest step of the scale, "" unknown
 * @returns {{near: string, why: "slip" | "turned" | "far"} | null}
 */
export function unusual(value, others, step) {
  if (others.length < 2) return null;
  const x = millionths(value);
  const all = others.map(millionths);
  const centre = middle(all);
  const spread = middle(all.map((one) => size(one - centre)));
  const least = [step ? millionths(step) : 0n, size(centre) / 50n].reduce((a, b) => (a > b ? a : b));
  const usual = FAR * (spread > least ? spread : least);
  const close = (size(centre) * CLOSE) / 100n;
  const near = (/** @type {bigint} */ one) => size(one - centre) <= close || all.includes(one);
  const off = size(x - centre);
  if (near(x) || off <= (spread > least ? spread : least)) return null;
  const told = others[all.indexOf(centre)];
  if ([x * 10n, x * 100n, x / 10n, x / 100n].some((one) => near(one) && one !== 0n)) return { near: told, why: "slip" };
  if (others.length < 3) return null;
  if (turned(value).some((one) => near(millionths(one)))) return { near: told, why: "turned" };
  return others.length >= 4 && off > usual ? { near: told, why: "far" } : null;
}

/**
 * What to ask about a value that was just entered, null when nothing or when it was asked before.
 * @param {App} app @param {Sheet} sheet @param {Aspect} aspect @param {string} value
 */
export function question(app, sheet, aspect, value) {
  const { model, seat } = app;
  const { step, whole } = limits(aspect);
  const others = [];
  for (const one of model.mine) {
    if (one.sub !== sheet.sub || one.group !== sheet.group || one.unit === sheet.unit || one.status) continue;
    const held = model.cell(one, aspect, seat).value;
    if (held !== null) others.push(finished(held));
  }
  return unusual(value, others, step || (whole ? "1" : ""));
}
