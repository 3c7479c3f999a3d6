/**
 * Draws the lead's keys beside the marks: a seat of the panel is away, and what happened on the floor.
 *
 * Both are for the chief to decide: a key gives words, and nothing of the sheet changes by it.
 */

import { button, h, icon } from "./dom.js";
import { LIVE } from "./seat_practice.js";
import { t } from "./words.js";

/** @typedef {import("./seat.js").App} App */
/** @typedef {Record<string, any>} Sheet */

const KINDS = { equipment: "gear", injury: "plus", conduct: "people", task_error: "file" };

/** This tablet's reports of a kind that the server has not answered, or took. @param {App} app @param {Sheet} sheet @param {string} kind @param {string} [seat] */
const given = (app, sheet, kind, seat = "") => app.model.records.filter(({ cmd, answer }) => cmd.c === "report" && cmd.incident === kind && cmd.unit === sheet.unit && (cmd.seat ?? "") === seat && answer?.a !== "refused");

/** @param {App} app @param {Sheet} sheet @param {string} kind @param {string} title @param {string} phrases @param {string} [seat] */
async function report(app, sheet, kind, title, phrases, seat) {
  const text = await app.ask(`${sheet.unit} ${kind} ${seat ?? ""}`, { title, choices: phrases ? phrases.split(" / ") : [], joins: true });
  if (text) app.record(sheet, { c: "report", stream: app.model.hello.stream, incident: kind, text, unit: sheet.unit, session: sheet.session, ...(seat && { seat }) });
}

/** Who of the panel is not here. @param {App} app @param {Sheet} sheet */
function aways(app, sheet) {
  const others = sheet.roster.filter((/** @type {any} */ one) => one.seat !== app.model.me && !one.signed);
  if (!others.length || sheet.state === "signed" || sheet.state === "locked") return null;
  const key = (/** @type {any} */ one) => {
    const waits = sheet.away?.includes(one.seat) || given(app, sheet, "away", one.seat).some(({ answer }) => !answer);
    const ask = () => report(app, sheet, "away", t("lead.away_why", { seat: one.label, code: sheet.code }), t("lead.away_phrases"), one.seat);
    return button({ key: one.seat, why: waits ? "1" : "", onclick: () => !waits && ask() }, icon("ring"), h("span", { class: "grow" }, t("lead.away", { seat: one.label })), waits && h("span", { class: "st st--warn" }, icon("clock"), t("seat.proposed")));
  };
  return [h("h2", { key: "haway" }, t("lead.away_title", { code: sheet.code })), h("div", { class: "picklist statuspick", key: "away" }, others.map(key))];
}

/** What happened, in words. @param {App} app @param {Sheet} sheet */
function incidents(app, sheet) {
  const key = ([/** @type {string} */ kind, /** @type {string} */ sign]) => {
    const sent = given(app, sheet, kind);
    const received = sent.every(({ answer }) => answer);
    const ask = () => report(app, sheet, kind, t("lead.report_why", { kind: t(`incident.kind_${kind}`), code: sheet.code }), "");
    return button({ key: kind, onclick: ask }, icon(sign), h("span", { class: "grow" }, t(`incident.kind_${kind}`)), sent.length > 0 && h("span", { class: received ? "st st--ok" : "st st--warn" }, icon(received ? "double-check" : "clock"), t(received ? "lead.reported" : "say.not_received")));
  };
  return [h("h2", { key: "hreport" }, t("lead.report_title")), h("div", { class: "picklist statuspick", key: "report" }, Object.entries(KINDS).map(key))];
}

/** The lead's keys for the competitor at hand. @param {App} app @param {Sheet} sheet */
export function reports(app, sheet) {
  return LIVE ? [] : [aways(app, sheet), incidents(app, sheet)];
}
