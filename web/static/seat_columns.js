/**
 * Draws a panel's one tablet: a row for each seat under the columns 0 to 3, points with the pad beside them, each seat's turn to sign.
 *
 * The panel has shown its cards, so the values are open here; to everybody else they are sealed until all are shown.
 */

import { button, h, icon, named } from "./dom.js";
import { blankKey, entry, twoValues } from "./seat_entry.js";
import { t } from "./words.js";

/** @typedef {import("./seat.js").App} App */
/** @typedef {Record<string, any>} Aspect */
/** @typedef {Record<string, any>} Sheet */

const LEVELS = ["0", "1", "2", "3"];

/** What a seat's value is here: its own as entered, or as it was shown. @param {App} app @param {Sheet} sheet @param {Aspect} aspect @param {string} seat @returns {string | null} */
function valueOf(app, sheet, aspect, seat) {
  return app.model.cell(sheet, aspect, seat).value ?? sheet.aspects[aspect.key].revealed?.[seat] ?? null;
}

/** Arrows move the focus over the keys of all seats; they choose nothing. @param {App} app @param {KeyboardEvent} event */
function arrows(app, event) {
  const way = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
  const on = /** @type {HTMLElement} */ (event.target).closest("[role=radio]");
  if (!way || !on) return;
  event.preventDefault();
  const rows = [.../** @type {HTMLElement} */ (event.currentTarget).querySelectorAll("[role=radiogroup]")];
  const at = rows.findIndex((row) => row.contains(on));
  const key = [...rows[at].querySelectorAll("[role=radio]")].indexOf(on);
  const row = rows[at + way[0]];
  const to = /** @type {HTMLElement | undefined} */ (row?.querySelectorAll("[role=radio]")[key + way[1]]);
  if (!to) return;
  to.focus();
  if (way[0]) app.sit(/** @type {HTMLElement} */ (row).dataset.seat ?? "");
}

/** A seat's name at the beginning of its row, with how far its value has come. @param {App} app @param {Sheet} sheet @param {Aspect} aspect @param {any} one */
function who(app, sheet, aspect, one) {
  const { model } = app;
  const cell = model.cell(sheet, aspect, one.seat);
  const far = sheet.aspects[aspect.key].excused?.[one.seat] !== undefined ? ["minus", "cell.excused"]
    : model.twofold(sheet, aspect, one.seat) ? ["conflict", "cell.conflict"]
    : valueOf(app, sheet, aspect, one.seat) === null ? (model.elsewhere(sheet, aspect, one.seat) ? ["lock", "seat.elsewhere_word"] : ["", ""])
    : ["saved", "writing"].includes(cell.state) ? ["saved", "say.saved"] : ["double-check", "seat.received_word"];
  return h(
    "button",
    { type: "button", class: "pcol__who", "aria-pressed": one.seat === app.seat ? "true" : "false", onclick: () => app.sit(one.seat) },
    h("b", null, t("seat.label", { seat: one.label })),
    far[0] && h("span", { class: "st s" }, icon(far[0]), t(far[1])),
  );
}

/** A seat's row under the columns. @param {App} app @param {Sheet} sheet @param {Aspect} aspect @param {any} one */
function row(app, sheet, aspect, one) {
  const value = valueOf(app, sheet, aspect, one.seat);
  const shut = app.closed(sheet, aspect, one.seat) || app.model.twofold(sheet, aspect, one.seat);
  const take = (/** @type {string} */ level) => {
    app.sit(one.seat);
    app.give(aspect, level);
  };
  return h(
    "div",
    { class: `pcol__row${one.seat === app.seat ? " is-now" : ""}`, key: one.seat },
    who(app, sheet, aspect, one),
    h(
      "div",
      { class: "pcol__keys", role: "radiogroup", "data-seat": one.seat, "aria-label": t("seat.label", { seat: one.label }), "aria-readonly": shut ? "true" : null },
      LEVELS.map((level) =>
        h(
          "button",
          { type: "button", key: level, class: "pcol__key", role: "radio", "aria-checked": value === level ? "true" : "false", "aria-disabled": shut ? "true" : null, tabindex: level === (value ?? "0") ? "0" : "-1", "data-value": level, onclick: shut ? null : () => take(level) },
          value === level && icon(shut ? "lock" : "check"),
          h("b", null, level),
        ),
      ),
    ),
  );
}

/** The columns' heads: figure, word, descriptor. @param {Aspect} aspect */
function heads(aspect) {
  const head = (/** @type {string} */ level) =>
    h("div", { key: level }, h("b", null, level), h("span", { class: "b" }, t(`level.${level}`)), aspect.descriptors?.[Number(level)] && h("small", null, named(aspect.descriptors[Number(level)])));
  return h("div", { class: "pcol__head", key: "head", "aria-hidden": "true" }, h("span", null), h("div", { class: "pcol__keys" }, LEVELS.map(head)));
}

/** How many seats are in, and what happens then. @param {App} app @param {Sheet} sheet @param {Aspect} aspect */
function count(app, sheet, aspect) {
  const view = sheet.aspects[aspect.key];
  const done = sheet.roster.filter((/** @type {any} */ one) => app.model.done(sheet, aspect, one.seat)).length;
  const then = view.revealed ? "" : aspect.method === "points" ? t("seat.shown_signed") : t("say.all_together");
  const takes = aspect.method === "judgement" && app.closed(sheet, aspect) === "" && !app.model.twofold(sheet, aspect, app.seat);
  return h(
    "div",
    { class: "pcol__count", key: "count" },
    h("p", { role: "status" }, h("b", null, t("panel.entered", { n: done, of: sheet.roster.length })), view.mark !== undefined && h("span", null, t("seat.mark", { mark: view.mark, max: aspect.max })), then && h("span", { class: "q" }, then)),
    takes && blankKey(app, sheet, aspect),
  );
}

/** Points: who gave what, and the pad of the seat at hand. @param {App} app @param {Sheet} sheet @param {Aspect} aspect */
function points(app, sheet, aspect) {
  const twofold = app.model.twofold(sheet, aspect, app.seat);
  return h(
    "div",
    { class: "ppoints", key: "points" },
    h("div", { class: "ppoints__list" }, sheet.roster.map((/** @type {any} */ one) => h("div", { class: `pcol__row${one.seat === app.seat ? " is-now" : ""}`, key: one.seat }, who(app, sheet, aspect, one), h("b", { class: "ppoints__v" }, valueOf(app, sheet, aspect, one.seat) ?? "–")))),
    h("div", { class: "ppoints__pad", key: `pad${app.seat}` }, h("p", { class: "l b" }, t("seat.label", { seat: app.seatLabel })), twofold ? twoValues(app, sheet, aspect) : entry(app, sheet, aspect)),
  );
}

/** All seats of the panel for one aspect. @param {App} app @param {Sheet} sheet @param {Aspect} aspect */
export function columns(app, sheet, aspect) {
  if (aspect.method === "points") return [points(app, sheet, aspect), count(app, sheet, aspect)];
  return [
    h("div", { class: "pcol", key: "pcol", onkeydown: (/** @type {KeyboardEvent} */ event) => arrows(app, event) }, heads(aspect), sheet.roster.map((/** @type {any} */ one) => row(app, sheet, aspect, one))),
    app.model.twofold(sheet, aspect, app.seat) && twoValues(app, sheet, aspect),
    count(app, sheet, aspect),
  ];
}

/** Whose turn it is to look at the own values and sign: each seat says so itself. @param {App} app @param {Sheet} sheet */
export function turns(app, sheet) {
  return [
    h("p", { class: "l b", key: "say" }, t("panel.turns")),
    h(
      "div",
      { class: "picklist", key: "turns", role: "group", "aria-label": t("seat.roster") },
      sheet.roster.map((/** @type {any} */ one) => {
        const blank = app.model.holes(sheet, one.seat).length;
        const look = one.signed ? ["sign", "status.signed", "ok"] : blank ? ["octagon", "do.sign_left", "stop"] : ["ring", "panel.my_turn", "act"];
        return button(
          { class: `is-${look[2]}`, key: one.seat, why: one.signed ? "1" : "", onclick: () => !one.signed && app.takeTurn(one.seat) },
          h("b", null, t("seat.label", { seat: one.label })),
          h("span", { class: "st end" }, icon(look[0]), t(look[1], { n: blank, seat: one.label })),
        );
      }),
    ),
    sheet.roster.some((/** @type {any} */ one) => !one.signed) && h("div", { class: "row row--wrap", key: "away" }, h("p", { class: "q" }, t("panel.away")), button({ key: "sheets", onclick: () => app.show("sheets") }, icon("ring"), t("lead.away_key"))),
  ];
}
