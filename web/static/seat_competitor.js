/**
 * Takes the competitor's word on a signed sheet that was read aloud: agrees with the own code, refuses, or was not there.
 */

import { button, h, icon, message } from "./dom.js";
import { t } from "./words.js";

/** @typedef {import("./seat.js").App} App */
/** @typedef {Record<string, any>} Sheet */

/** What was typed for a sheet and not sent yet: sheet -> code. @type {Map<string, string>} */
const typed = new Map();
/** Sheets where the code that was typed is another one. @type {Set<string>} */
const wrong = new Set();

/** A code as it is compared. @param {string} text */
const plain = (text) => text.trim().normalize("NFKC").toUpperCase();

/** Send the competitor's word. @param {App} app @param {Sheet} sheet @param {string} outcome @param {Record<string, string>} more */
function say(app, sheet, outcome, more) {
  app.record(sheet, { c: "competitor_signs", stream: app.model.hello.stream, unit: sheet.unit, sub: sheet.sub, outcome, ...more });
}

/** The competitor typed the code and agrees. @param {App} app @param {Sheet} sheet @param {string} key */
function agrees(app, sheet, key) {
  const code = typed.get(key) ?? "";
  const right = plain(code) === plain(sheet.code);
  wrong[right ? "delete" : "add"](key);
  if (right) {
    typed.delete(key);
    say(app, sheet, "agrees", { code: plain(code) });
  }
  app.changed();
}

/** Refuses, or is not there: with words, and nothing waits for it. @param {App} app @param {Sheet} sheet @param {string} outcome */
async function without(app, sheet, outcome) {
  const words = await app.ask(`${sheet.unit} ${sheet.sub} ${outcome}`, { title: t("seat.competitor_why", { code: sheet.code, outcome: t(`seat.competitor_${outcome}`) }) });
  if (words) say(app, sheet, outcome, { words });
}

/** Whether the competitor's word is on its way. @param {App} app @param {Sheet} sheet */
const going = (app, sheet) => app.model.pending.some(({ cmd }) => cmd.c === "competitor_signs" && cmd.unit === sheet.unit && cmd.sub === sheet.sub);

/** What the competitor said to the sheet, or the ways to say it. @param {App} app @param {Sheet} sheet */
export function heard(app, sheet) {
  const key = `${sheet.unit}/${sheet.sub}`;
  if (going(app, sheet)) return [message("lock", t("seat.competitor_going"), { key: "heard" })];
  if (!["waiting", "void"].includes(sheet.heard)) return [message(sheet.heard === "agrees" ? "ok" : "warn", t(`told.competitor_${sheet.heard}`), { key: "heard" })];
  if (sheet.state !== "signed") return [];
  const bad = wrong.has(key);
  return [
    h(
      "section",
      { class: "panel heard", key: "heard", "aria-labelledby": "heard-h" },
      h("div", { class: "panel__h" }, h("h2", { id: "heard-h" }, t("seat.competitor_title", { code: sheet.code }))),
      h(
        "div",
        { class: "panel__b stack" },
        sheet.heard === "void" && message("warn", t("seat.competitor_again"), { key: "void" }),
        h("p", null, t("seat.competitor_hint")),
        h(
          "div",
          { class: `field${bad ? " field--bad" : ""}` },
          h("label", { for: "heard-code" }, t("seat.competitor_code")),
          h("input", {
            id: "heard-code",
            class: "input--code",
            autocomplete: "off",
            autocapitalize: "characters",
            maxlength: "40",
            value: typed.get(key) ?? "",
            "aria-invalid": bad ? "true" : null,
            "aria-describedby": bad ? "heard-bad" : null,
            oninput: (/** @type {Event} */ event) => typed.set(key, /** @type {HTMLInputElement} */ (event.target).value),
          }),
          bad && h("span", { class: "field__err", id: "heard-bad", role: "alert" }, icon("octagon"), h("span", null, t("seat.competitor_differs"))),
        ),
        h(
          "div",
          { class: "btns" },
          button({ look: "main", onclick: () => agrees(app, sheet, key) }, icon("check"), t("seat.competitor_agrees")),
          button({ onclick: () => without(app, sheet, "refuses") }, t("seat.competitor_refuses")),
          button({ onclick: () => without(app, sheet, "absent") }, t("seat.competitor_absent")),
        ),
      ),
    ),
  ];
}
