/**
 * Draws a revealed judgement whose votes are too far apart: who gave what, who speaks first, and the way to the next vote.
 */

import { button, h, icon, named } from "./dom.js";
import { messages, switched } from "./seat_frame.js";
import { secondsSince, spoken } from "./seat_clock.js";
import { path, rounds } from "./seat_views.js";
import { t } from "./words.js";

/** @typedef {import("./seat.js").App} App */
/** @typedef {Record<string, any>} Aspect */
/** @typedef {Record<string, any>} Sheet */

/** Lowest and highest vote. @param {any} view */
function ends(view) {
  const votes = Object.values(view.revealed).map(Number);
  return { low: Math.min(...votes), high: Math.max(...votes) };
}

/** The seats that gave the lowest or the highest. @param {Sheet} sheet @param {any} view @returns {any[]} */
function edges(sheet, view) {
  const { low, high } = ends(view);
  return sheet.roster.filter((/** @type {any} */ one) => [low, high].includes(Number(view.revealed[one.seat] ?? NaN)));
}

/** The votes by level, with the bracket between the ends. @param {App} app @param {Sheet} sheet @param {any} view @param {Aspect} aspect */
function picture(app, sheet, view, aspect) {
  const { low, high } = ends(view);
  const limit = app.model.rules(sheet).max_spread;
  const given = (/** @type {number} */ level) => sheet.roster.filter((/** @type {any} */ one) => Number(view.revealed[one.seat] ?? NaN) === level);
  const spoken = [0, 1, 2, 3].filter((level) => given(level).length).map((level) => t("seat.gave", { seats: given(level).map((/** @type {any} */ one) => one.label).join(t("ui.list_seats")), value: level }));
  const label = [...spoken, t("seat.apart", { spread: view.spread, limit })].join(t("ui.list_comma"));
  return h(
    "div",
    { class: "spread", key: "spread", role: "img", "aria-label": label },
    h("div", { class: `spread__gap from-${low} to-${high}` }, icon("octagon"), h("b", null, t("seat.apart_n", { spread: view.spread })), h("span", null, t("seat.limit_n", { limit }))),
    h(
      "div",
      { class: "spread__cols" },
      [0, 1, 2, 3].map((level) => {
        const edge = level === low || level === high;
        const seats = given(level);
        return h(
          "div",
          { class: "spread__col", key: String(level) },
          h(
            "ul",
            null,
            edge && h("li", { class: "spread__drop", "aria-hidden": "true" }),
            seats.length === 0 && h("li", { class: "spread__none" }, t("seat.no_seat")),
            seats.map((/** @type {any} */ one) => h("li", { class: `tok${edge ? " tok--edge" : ""}`, key: one.seat }, h("b", null, t("seat.label", { seat: one.label })), one.seat === app.seat && h("span", null, t("seat.you")))),
          ),
          h("div", { class: "spread__axis" }, h("b", null, String(level)), h("span", null, t(`level.${level}`))),
        );
      }),
    ),
  );
}

/** One who must speak: value, descriptor, and at the lead's tablet what was said. @param {App} app @param {Sheet} sheet @param {Aspect} aspect @param {any} one @param {boolean} leads */
function speaker(app, sheet, aspect, one, leads) {
  const view = sheet.aspects[aspect.key];
  const value = view.revealed[one.seat];
  const said = app.said(sheet, aspect)[one.seat] ?? "";
  const words = aspect.descriptors?.[Number(value)];
  const keep = (/** @type {string} */ text) => app.say(sheet, aspect, one.seat, text);
  const type = async () => {
    const text = await app.ask(`${app.cellName(sheet, aspect)} ${one.seat}`, { title: t("seat.reason_of", { seat: one.label, value }), value: said, max: 150 });
    if (text !== null) keep(text);
  };
  return h(
    "div",
    { class: `speaker${leads && !said ? " speaker--act" : ""}`, key: one.seat },
    h(
      "div",
      { class: "row" },
      h("span", { class: "seat" }, t("seat.label", { seat: one.label })),
      h("b", { class: "speaker__v" }, value),
      leads && h("span", { class: `chip end${said ? " chip--ok" : " chip--stop"}` }, icon(said ? "check" : "clock"), t(said ? "seat.spoken" : "seat.to_speak")),
    ),
    said ? h("blockquote", null, said) : words && h("p", { class: "q s" }, named(words)),
    leads && !said && h(
      "div",
      { class: "quick quick--say", key: "quick" },
      [t("seat.why_fits", { n: value }), Number(value) > 0 ? t("seat.why_not_below", { n: Number(value) - 1 }) : t("seat.why_not_above", { n: 1 })].map((text) => button({ look: "small", key: text, onclick: () => keep(text) }, text)),
      button({ look: "small", key: "type", "aria-label": t("seat.type_reason"), onclick: type }, icon("edit")),
    ),
    leads && said && button({ look: "small quiet", key: "change", class: "speaker__edit", onclick: type }, icon("edit"), t("do.edit")),
  );
}

/** How long the panel has been talking, or has left to; over it, that is said and nothing else happens. @param {App} app @param {Sheet} sheet @param {any} view */
function talking(app, sheet, view) {
  const gone = secondsSince(view.since, app.clock.now);
  if (gone === null) return null;
  const limit = app.model.rules(sheet).discussion ?? 0;
  const left = limit - gone;
  const word = !limit ? "talk.gone" : left < 0 ? "talk.over" : "talk.left";
  return h("p", { class: `clock talk${word === "talk.over" ? " talk--over" : ""}`, key: "talk", role: "timer" }, icon("clock"), t(word, { time: spoken(limit ? Math.abs(left) : gone) }));
}

/** What happens if the panel is still apart after its last round, in words. @param {any} rule */
const afterwards = (rule) => t(rule.after_rounds === "median" ? "seat.after_rounds_median" : rule.after_rounds === "reserve" ? "seat.after_rounds_reserve" : "seat.after_rounds", { n: rule.max_rounds });

/** The lead lets the votes stand, where the rules allow that. @param {App} app @param {Sheet} sheet @param {Aspect} aspect */
async function letStand(app, sheet, aspect) {
  const reason = await app.ask(`${app.cellName(sheet, aspect)} stands`, { title: t("seat.let_stand_why"), max: 300 });
  if (reason) app.record(sheet, { c: "let_stand", stream: app.model.hello.stream, unit: sheet.unit, aspect: aspect.key, reason });
}

/** The whole board of a spread. @param {App} app @param {Sheet} sheet @param {Aspect} aspect */
export function spreadBoard(app, sheet, aspect) {
  const view = sheet.aspects[aspect.key];
  const rule = app.model.rules(sheet);
  const speaking = edges(sheet, view);
  const leads = app.model.hello.seat.role === "lead" && view.rounds_left > 0 && sheet.state !== "locked";
  const mayStand = rule.over_spread === "override_with_reason" && app.model.hello.seat.role === "lead" && sheet.state !== "locked";
  const lead = sheet.roster.find((/** @type {any} */ one) => one.role === "lead");
  const said = app.said(sheet, aspect);
  const { low, high } = ends(view);
  // One reason from each end is enough to begin: the others of that end have said the same by their value.
  const silent = [low, high].flatMap((level) => {
    const here = speaking.filter((one) => Number(view.revealed[one.seat]) === level);
    return here.some((one) => said[one.seat]) ? [] : here;
  });
  const labels = silent.map((one) => one.label).join(t("ui.list_seats"));
  const next = view.round + 1;
  const going = app.model.pending.some((record) => record.cmd.c === "revote" && record.cmd.unit === sheet.unit && record.cmd.aspect === aspect.key);
  const why = going ? t("seat.revote_sent") : !app.link.up ? t("seat.revote_offline") : silent.length ? t("seat.revote_left", { seats: labels, n: next }) : "";
  return [
    switched(app),
    h(
      "div",
      { class: "panelboard", key: `board${aspect.key}` },
      h(
        "section",
        { class: "panelboard__main" },
        messages(app),
        h("div", { class: "aspect" }, path(app, sheet, aspect), h("h1", null, named(aspect.title))),
        view.rounds_left > 0 && talking(app, sheet, view),
        picture(app, sheet, view, aspect),
        h(
          "div",
          { class: "rounds" },
          h("span", { class: "q" }, t("seat.rounds")),
          view.rounds?.length > 0 && h("span", null, rounds(sheet, view)),
          h("span", null, h("b", null, t("seat.round", { n: view.round })), " ", sheet.roster.map((/** @type {any} */ one) => view.revealed[one.seat] ?? "–").join("·"), " ", h("small", { class: "q" }, t("seat.kept"))),
          h("span", { class: "q" }, view.rounds_left > 0 ? afterwards(rule) : t("seat.chief_decides")),
        ),
      ),
      h(
        "section",
        { class: "panelboard__side", "aria-live": "polite" },
        h("h2", null, view.rounds_left > 0 ? t("seat.reasons_first") : t("seat.chief_decides")),
        speaking.map((one) => speaker(app, sheet, aspect, one, leads)),
        h("p", { class: "q s", key: "only" }, t("seat.panel_only")),
        mayStand && button({ key: "stand", look: "wide", why: app.link.up ? "" : "1", onclick: () => app.link.up && letStand(app, sheet, aspect) }, t("seat.let_stand")),
        leads && button({ key: "revote", look: "main wide", why: why ? "1" : "", class: "revote", onclick: () => !why && app.revote(sheet, aspect) }, why || t("seat.revote", { n: next })),
        !leads && view.rounds_left > 0 && h("p", { class: "b" }, t("seat.lead_opens", { seat: lead?.label ?? "", n: next })),
      ),
    ),
  ];
}
