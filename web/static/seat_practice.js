/**
 * Practice on the tablet's own page: says so on every view, keeps its records apart, and leads there and back.
 *
 * The page's `data-live` names the socket of the samples; the marking page has none. A practice begins with an empty database.
 */

import { h, icon } from "./dom.js";
import { lang, t } from "./words.js";

/** Where this page's socket is when it is not the marking one's. */
export const LIVE = document.body.dataset.live;

/** A calibration is kept like marks, a practice is not. */
const CALIBRATES = LIVE === "/live/calibration";

/** Throw away what an earlier practice kept. @param {string} name @returns {Promise<void>} */
export function emptied(name) {
  return new Promise((resolve) => {
    const request = LIVE && !CALIBRATES ? indexedDB.deleteDatabase(`compsys:${name}`) : null;
    if (!request) return resolve();
    request.onsuccess = request.onerror = request.onblocked = () => resolve();
  });
}

/** The word on top of every view of a practice, which leads back; and the mark across the page. */
export function practiceBand() {
  if (!LIVE) return null;
  document.body.dataset.watermark = t(CALIBRATES ? "calibration.word" : "practice.word");
  return h("a", { class: "pill pill--practice", key: "practice", href: "/seat", lang: lang() }, icon("undo"), t(CALIBRATES ? "calibration.back" : "practice.back"));
}

/** The way to the samples, where real sheets are chosen. */
export function practiceLink() {
  return LIVE ? null : h("p", { key: "practice" }, h("a", { class: "btn", href: "/seat/practice" }, icon("half"), t("practice.begin")));
}
