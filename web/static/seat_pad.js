/**
 * What is typed on the tablet's own keypad: text of a number, the rule it must keep in words, and an early exact look at it.
 *
 * The server decides; the look here is so that a slip of the finger is seen at once, also without a connection. No floating point:
 * numbers are compared as whole millionths.
 */

import { pick, t } from "./words.js";

/** @typedef {Record<string, any>} Aspect */
/** @typedef {{low: string, high: string, step: string, whole: boolean, minus: boolean, possible: string}} Limits */

const NUMBER = /^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$/;

/** @param {string} text */
export function millionths(text) {
  const [whole, part = ""] = text.replace("-", "").split(".");
  const size = BigInt(whole) * 1000000n + BigInt(part.padEnd(6, "0"));
  return text.startsWith("-") ? -size : size;
}

/** What an aspect's number must keep ("" = no such bound). @param {Aspect} aspect @returns {Limits} */
export function limits(aspect) {
  const none = { low: "", high: "", step: "", whole: false, minus: false, possible: "" };
  if (aspect.method === "points") return { ...none, low: aspect.low, high: aspect.max, step: aspect.step };
  const { kind, params } = aspect.measure;
  if (kind === "count") return { ...none, low: "0", whole: true, possible: params.over === "cap" ? "" : (params.possible ?? "") };
  if (kind === "deduction") return { ...none, low: "0", whole: true };
  if (kind === "value") return { ...none, low: params.low || "0", high: aspect.max, step: params.step || "0.01" };
  return { ...none, minus: true };
}

/** What is wrong with a typed number: the refusal the server would give, or null. @param {string} value @param {Limits} rule */
export function wrong(value, rule) {
  if (!NUMBER.test(value)) return { code: "not_a_number", params: { value } };
  const size = millionths(value);
  if (rule.whole && size % 1000000n) return { code: "not_whole", params: { value } };
  if ((rule.low && size < millionths(rule.low)) || (rule.high && size > millionths(rule.high)))
    return { code: "out_of_range", params: { value, low: rule.low, high: rule.high } };
  if (rule.possible && size > millionths(rule.possible)) return { code: "too_many", params: { value, possible: rule.possible } };
  const top = rule.high && size === millionths(rule.high);
  if (rule.step && !top && (size - millionths(rule.low || "0")) % millionths(rule.step)) return { code: "off_step", params: { value, step: rule.step } };
  return null;
}

/** The text after a key of the pad was pressed: a digit, ".", "-", "erase" or "clear". @param {string} text @param {string} key */
export function typed(text, key) {
  if (key === "clear") return "";
  if (key === "erase") return text.slice(0, -1);
  if (key === "-") return text.startsWith("-") ? text.slice(1) : `-${text}`;
  if (key === ".") return text.includes(".") ? text : /\d$/.test(text) ? `${text}.` : `${text}0.`;
  const bare = text.replace("-", "");
  if (bare === "0") return text.slice(0, -1) + key;
  return bare.replace(".", "").length >= 12 ? text : text + key;
}

/** What was typed as it is sent: a trailing point is none. @param {string} text */
export const finished = (text) => text.replace(/\.$/, "");

/** One band of a range as text. @param {string} lower @param {string} upper @param {string} deduction @param {string} unit */
function band(lower, upper, deduction, unit) {
  const open = !lower || (lower === "0" && !upper);
  const where = open && !upper ? "" : t("rule.band", { low: lower || "…", high: !upper || (upper === "0" && lower && lower !== "0") ? "…" : upper });
  return where && t("rule.band_takes", { band: where, deduction: (deduction || "0") + unit });
}

/** The rule of an aspect in words, "" where the keys say it all. @param {Aspect} aspect */
export function rule(aspect) {
  if (aspect.method === "judgement") return "";
  if (aspect.method === "points") return t("rule.points", { low: aspect.low, max: aspect.max, step: aspect.step });
  const { kind, params } = aspect.measure;
  const unit = params.deduction_type === "percent" ? "%" : "";
  const max = aspect.max;
  if (kind === "pass_fail") return t("rule.pass_fail", { max });
  if (kind === "choice") return t("rule.choice", { max });
  if (kind === "count") return params.each ? t("rule.count_each", { each: params.each, max, possible: params.possible ?? "" }) : t("rule.count", { possible: params.possible, max });
  if (kind === "deduction") return t("rule.deduction", { max, deduction: params.deduction + unit });
  if (kind === "difference")
    return t("rule.difference", {
      max,
      target: params.target,
      difference: params.difference + (params.difference_type === "percent" ? "%" : ""),
      deduction: params.deduction + unit,
    });
  if (kind === "range") {
    const bands = (params.deductions ?? []).map((/** @type {string} */ d, /** @type {number} */ i) => band(params.lowers?.[i] ?? "", params.uppers?.[i] ?? "", d, unit));
    return t("rule.range", { max, target: params.target ?? "", bands: bands.filter(Boolean).join(t("ui.list_comma")) });
  }
  return (params.values ?? []).length ? t("rule.choice", { max }) : t("rule.points", { low: params.low || "0", max, step: params.step || "0.01" });
}

/** What a choice is called. @param {Aspect} aspect @param {string} value */
export function choiceName(aspect, value) {
  if (value === "pass") return t("cell.pass");
  if (value === "fail") return t("cell.fail");
  const label = aspect.measure?.params.labels?.[Number(value) - 1];
  return aspect.measure?.kind === "choice" && label ? label : value;
}

/** A value as a person reads it. @param {Aspect} aspect @param {string | null} value */
export function shown(aspect, value) {
  if (value === null) return t("cell.hole");
  return aspect.method === "agreed" ? choiceName(aspect, value) : value;
}

/** What a number of an aspect should lie in, short enough for a column; "" where it is not a number. @param {Aspect} aspect */
export function span(aspect) {
  if (aspect.method === "judgement") return "0–3";
  if (aspect.method === "points") return `${aspect.low || "0"}–${aspect.max}`;
  const { kind, params } = aspect.measure;
  if (kind === "count") return params.possible ? `0–${params.possible}` : "≥ 0";
  if (kind === "deduction") return "≥ 0";
  const [low, high] = (aspect.tolerance ?? []).find((/** @type {string[]} */ piece) => piece[2] === "full") ?? [];
  if (low !== undefined) return low === high ? low : low && high ? `${low}–${high}` : low ? `≥ ${low}` : `≤ ${high}`;
  return kind === "value" && !(params.values ?? []).length ? `${params.low || "0"}–${aspect.max}` : "";
}

/** What is measured in: g, mm, ℃; "" unknown. @param {Aspect} aspect @returns {string} */
export const unitOf = (aspect) => aspect.measure?.params.unit ?? "";

/**
 * Where the tolerance lies on a bar of 100, and the needle of a number on it; null where there is none to draw.
 * @param {Aspect} aspect @param {string} text what stands in the pad
 * @returns {{pieces: {from: string, to: string, earns: string}[], needle: string, out: "" | "low" | "high", ends: {at: string, text: string}[]} | null}
 */
export function bar(aspect, text) {
  /** @type {[string, string, string][]} */
  const tolerance = aspect.tolerance ?? [];
  const ends = tolerance.flatMap(([low, high]) => [low, high]).filter((end) => end !== "").map(millionths);
  if (!ends.length) return null;
  const [first, last] = ends.reduce(([a, b], one) => [one < a ? one : a, one > b ? one : b], [ends[0], ends[0]]);
  const room = (last - first || (first < 0n ? -first : first) || 1000000n) / 3n;
  const [low, width] = [first - room, last - first + 2n * room];
  const at = (/** @type {bigint} */ x) => {
    const per = ((x - low) * 10000n) / width;
    const kept = per < 0n ? 0n : per > 10000n ? 10000n : per;
    return `${kept / 100n}.${String(kept % 100n).padStart(2, "0")}`;
  };
  const whole = tolerance.filter(([, , earns]) => earns === "full");
  const value = NUMBER.test(finished(text)) ? millionths(finished(text)) : null;
  return {
    pieces: tolerance.map(([from, to, earns]) => ({ from: from ? at(millionths(from)) : "0", to: to ? at(millionths(to)) : "100", earns })),
    needle: value === null ? "" : at(value),
    out: value === null ? "" : value < low ? "low" : value > low + width ? "high" : "",
    ends: [...new Set(whole.flatMap(([from, to]) => [from, to]).filter(Boolean))].map((end) => ({ at: at(millionths(end)), text: end })),
  };
}

/** Words offered for a note: the aspect's own, else those for all. @param {Aspect} aspect @returns {string[]} */
export function phrases(aspect) {
  const own = aspect.measure?.params.phrases ?? [];
  return own.length ? own : t(aspect.measure?.kind === "deduction" ? "seat.phrases_deduction" : "seat.phrases").split(" / ");
}

/** The words of an aspect below its title: what to look at, and the requirement. @param {Aspect} aspect */
export const look = (aspect) => [pick(aspect.note), aspect.requirement].filter(Boolean);
