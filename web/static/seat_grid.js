/**
 * Draws the tables: one sheet, one aspect across competitors, or all at once; the keys stand docked beside or below.
 */

import { button, h, hidden, icon, named } from "./dom.js";
import { AXES, short } from "./seat_cells.js";
import { entry, twoValues } from "./seat_entry.js";
import { bench, messages, roster, saveLine, switched } from "./seat_frame.js";
import { spreadBoard } from "./seat_later.js";
import { shown, span } from "./seat_pad.js";
import { path, standing, status } from "./seat_views.js";
import { lang, t } from "./words.js";

/** @typedef {import("./seat.js").App} App */
/** @typedef {import("./dom.js").Tree} Tree */
/** @typedef {Record<string, any>} Aspect */
/** @typedef {Record<string, any>} Sheet */
/** @typedef {{sign: string, word: string, tone: string, text: string, hole: boolean}} Look of a cell: its shape, its word, its colour, its value */

/** Rows as they were drawn, with what they were drawn from: one that says the same is not built again. @type {Map<string, {of: string, tree: Tree}>} */
const rows = new Map();

/** @param {string} key @param {string} of @param {() => Tree} make */
function same(key, of, make) {
  const held = rows.get(key);
  if (held?.of === of) return held.tree;
  const tree = make();
  rows.set(key, { of, tree });
  return tree;
}

/** What a cell holds and how far that has come. @param {App} app @param {Sheet} sheet @param {Aspect} aspect @returns {Look} */
export function look(app, sheet, aspect) {
  const view = sheet.aspects[aspect.key];
  const say = (/** @type {string} */ sign, /** @type {string} */ word, tone = "", text = "", hole = false) => ({ sign, word, tone, text, hole });
  if (sheet.status) return say("barred", `cell.${sheet.status}`, "out");
  if (view.resolved) return say("lock", "seat.by_chief", "", view.resolved.mark);
  const cell = app.model.cell(sheet, aspect, app.seat);
  const text = cell.value === null ? "" : shown(aspect, cell.value);
  if (view.voided) return say("cross", "cell.void", "out", text);
  if (view.excused?.[app.model.who(aspect, app.seat)] !== undefined) return say("minus", "cell.excused", "out", text);
  if (app.model.twofold(sheet, aspect, app.seat)) return say("conflict", "cell.conflict", "stop", text);
  if (app.model.apart(sheet, aspect)) return say("octagon", "status.spread", "stop", text);
  if (cell.value === null && app.model.elsewhere(sheet, aspect, app.seat)) return say("lock", "seat.elsewhere_word", "out");
  if (cell.value === null) return say("octagon", "cell.hole", "stop", "", true);
  if (cell.state === "saved") return say("saved", "say.saved", "warn", text);
  if (cell.state === "writing") return say("clock", "seat.writing", "warn", text);
  return say("double-check", "seat.received_word", "ok", text);
}

/** The state of a cell: shape and word. @param {Look} seen */
const state = ({ sign, word, tone }) => h("span", { class: `st${tone && tone !== "out" ? ` st--${tone}` : ""}` }, icon(sign), t(word));

/** A cell's value. @param {Look} seen */
function value({ text, hole, sign, word }) {
  if (text) return h("span", { class: "sc" }, h("b", null, text));
  return hole ? h("span", { class: "sc sc--hole", "aria-hidden": "true" }) : h("span", { class: "sc sc--read" }, icon(sign), t(word));
}

/** What stands in the pad and is not entered yet, null where nothing does. @param {App} app @param {Sheet} sheet @param {Aspect} aspect @returns {string | null} */
const typing = (app, sheet, aspect) => app.ui.pads.get(app.cellName(sheet, aspect)) ?? null;

/**
 * A row of the tables that show one aspect or one sheet; the typed figures stand in it while they are typed.
 * @param {App} app @param {Sheet} sheet @param {Aspect} aspect @param {Tree | (Tree | string)[]} name @param {string} range
 */
function row(app, sheet, aspect, name, range) {
  const hot = sheet.unit === app.ui.unit && aspect === app.aspect;
  const seen = look(app, sheet, aspect);
  const typed = hot ? typing(app, sheet, aspect) : null;
  const of = JSON.stringify([seen, hot, typed, lang(), sheet.station, sheet.bench, range]);
  return same(`${app.table} ${app.ui.session} ${sheet.unit} ${sheet.sub} ${aspect.key}`, of, () =>
    h(
      "tr",
      { key: `${sheet.unit} ${aspect.key}`, class: hot ? "is-hot" : null },
      h("th", { scope: "row" }, h("button", { type: "button", class: "rowbtn", "data-cell": "", "aria-current": hot ? "true" : null, tabindex: hot ? "0" : "-1", onclick: () => app.goCell(app.model.sheets.get(`${sheet.unit}/${sheet.sub}`) ?? sheet, aspect.key) }, name)),
      range && h("td", { class: "num q range" }, range),
      h("td", { class: "num" }, typed !== null ? h("span", { class: "sc sc--typing" }, h("b", null, typed)) : value(seen)),
      h("td", null, typed !== null ? h("span", { class: "st st--warn" }, icon("clock"), t("seat.not_entered")) : state(seen)),
    ),
  );
}

/** @param {string[]} heads */
const heading = (heads) => h("thead", { key: "head" }, h("tr", null, heads.map((head, at) => h("th", { key: String(at), class: at && at < heads.length - 1 ? "num" : null }, t(head)))));

/** All aspects of the sheet. @param {App} app @param {Sheet} sheet */
function oneSheet(app, sheet) {
  const all = app.model.aspects(sheet);
  const ranges = all.map(span);
  const heads = ["seat.aspect", ...(ranges.some(Boolean) ? ["seat.range"] : []), "seat.value", "ui.state"];
  return h(
    "table",
    { class: "t marks", key: "sheet" },
    heading(heads),
    h("tbody", null, all.map((one, at) => row(app, sheet, one, [h("span", { class: "q" }, short(one)), " ", h("span", null, named(one.title))], ranges.some(Boolean) ? ranges[at] || "–" : ""))),
  );
}

/** The aspect that is gone through, and the ways to its neighbours. @param {App} app @param {Sheet} sheet @param {Aspect} aspect */
function axisHead(app, sheet, aspect) {
  const all = app.model.aspects(sheet);
  const at = all.indexOf(aspect);
  const turn = (/** @type {1 | -1} */ way, /** @type {string} */ sign, /** @type {string} */ word) =>
    button({ key: sign, class: "turn", why: all[at + way] ? "" : "1", onclick: () => app.goBeside(way) }, icon(sign), hidden(t(word)));
  return h("div", { class: "axishead", key: "axishead" }, turn(-1, "prev", "seat.aspect_before"), h("h2", null, h("span", { class: "q" }, short(aspect)), " ", named(aspect.title)), turn(1, "next", "seat.aspect_after"));
}

/** One aspect, the competitors of the session below each other. @param {App} app @param {Aspect} aspect */
function oneAspect(app, aspect) {
  const name = (/** @type {Sheet} */ one) => [h("b", { class: "l" }, one.code), one.station && h("span", { class: "q s" }, t("seat.at_station", { station: one.station })), bench(one)].filter(Boolean);
  return h("table", { class: "t marks", key: "aspect" }, heading(["seat.competitor", "seat.value", "ui.state"]), h("tbody", null, app.across.map((one) => row(app, one, aspect, name(one), ""))));
}

/** A cell of the table of all. @param {App} app @param {Sheet} sheet @param {Aspect} aspect @param {Look} seen @param {boolean} hot @param {string | null} typed */
function square(app, sheet, aspect, seen, hot, typed) {
  const short_ = aspect.choices?.length && aspect.measure.kind !== "pass_fail" && seen.text ? (app.model.cell(sheet, aspect, app.seat).value ?? "") : seen.text;
  const flag = ["ok"].includes(seen.tone) ? null : icon(seen.sign);
  const words = [sheet.code, short(aspect), typed ?? seen.text, t(typed === null ? seen.word : "seat.not_entered")].filter(Boolean).join(t("ui.list_comma"));
  const tone = typed !== null ? "typing" : seen.hole ? "hole" : seen.tone;
  return h(
    "td",
    { key: sheet.unit },
    h(
      "button",
      { type: "button", class: `sq sq--${tone}`, "data-cell": "", "aria-current": hot ? "true" : null, "aria-label": words, tabindex: hot ? "0" : "-1", onclick: () => app.goCell(app.model.sheets.get(`${sheet.unit}/${sheet.sub}`) ?? sheet, aspect.key) },
      typed ?? [flag, short_],
    ),
  );
}

/** Aspects by competitors. @param {App} app @param {Sheet} sheet */
function all(app, sheet) {
  const sheets = app.across;
  const codes = sheets.map((one) => `${one.code}${one.status}${one.unit === app.ui.unit ? "*" : ""}`).join(" ");
  const head = same(`head ${sheet.sub}`, `${codes} ${lang()}`, () =>
    h(
      "thead",
      { key: "head" },
      h(
        "tr",
        null,
        h("th", { key: "corner" }, t("seat.aspect")),
        sheets.map((one) => h("th", { key: one.unit, scope: "col", class: one.unit === app.ui.unit ? "is-hot" : null }, one.code, one.status && [" ", icon("barred"), hidden(t(`cell.${one.status}`))])),
      ),
    ),
  );
  const body = app.model.aspects(sheet).map((aspect) => {
    const here = aspect === app.aspect;
    const seen = sheets.map((one) => look(app, one, aspect));
    const typed = here ? typing(app, sheet, aspect) : null;
    const of = JSON.stringify([seen.map((one) => [one.text, one.word]), here && app.ui.unit, typed, codes, lang()]);
    return same(`all ${app.ui.session} ${sheet.sub} ${aspect.key}`, of, () =>
      h(
        "tr",
        { key: aspect.key, class: here ? "is-hot" : null },
        h("th", { scope: "row" }, h("span", { class: "q" }, short(aspect)), " ", named(aspect.title)),
        sheets.map((one, at) => square(app, one, aspect, seen[at], here && one.unit === app.ui.unit, one.unit === app.ui.unit ? typed : null)),
      ),
    );
  });
  return h("table", { class: "t squares", key: "all" }, head, h("tbody", null, body));
}

/** What the shapes of the table of all mean, in words. */
function legend() {
  const signs = [["octagon", "cell.hole"], ["saved", "say.saved"], ["conflict", "cell.conflict"], ["barred", "seat.out_word"]];
  return h("p", { class: "legend", key: "legend" }, signs.map(([sign, word]) => h("span", { class: "st", key: word }, icon(sign), t(word))));
}

/** Which table: buttons. @param {App} app */
function axes(app) {
  const words = { sheet: "seat.axis_sheet", aspect: "seat.axis_aspect", all: "seat.axis_all" };
  return h(
    "div",
    { class: "segmented axes", key: "axes", role: "group", "aria-label": t("seat.axes") },
    AXES.map((axis) => h("button", { type: "button", key: axis, "aria-pressed": axis === app.ui.axis ? "true" : "false", onclick: () => app.chooseAxis(axis) }, t(words[/** @type {"sheet" | "aspect" | "all"} */ (axis)]))),
  );
}

/** The keys of the cell at hand, below whose it is. @param {App} app @param {Sheet} sheet @param {Aspect} aspect */
function dock(app, sheet, aspect) {
  const now = app.ui.switched > performance.now();
  const head = h(
    "div",
    { class: `dock__head${now ? " is-now" : ""}`, key: "head" },
    h("span", { class: "plate plate--l", key: "plate" }, sheet.code),
    bench(sheet),
    h("h1", { key: "title" }, now && app.table !== "sheet" ? h("span", { class: "dock__now", role: "status" }, t("judge.now", { code: sheet.code })) : null, named(aspect.title)),
    !sheet.status && app.closed(sheet, aspect) === "" && button({ class: "notebtn", key: "note", onclick: () => app.note(aspect) }, icon("note"), hidden(t("do.note"))),
  );
  const key = `dock${sheet.unit}${aspect.key}`;
  if (sheet.status) return h("div", { class: "dock", key }, head, h("p", { class: "outcard__w" }, icon("ring"), t(`cell.${sheet.status}`)), h("p", null, t("seat.status_nothing")));
  const said = standing(app, sheet, aspect);
  return h(
    "div",
    { class: "dock", key },
    head,
    said.length > 0 && h("div", { class: "msgs", key: "said" }, said),
    app.model.twofold(sheet, aspect, app.seat) ? twoValues(app, sheet, aspect) : entry(app, sheet, aspect),
    h("div", { class: "judge__state", key: "state" }, saveLine(app, sheet, aspect), roster(app, sheet, aspect)),
  );
}

/** The table chosen and the keys of the cell at hand. @param {App} app */
export function grid(app) {
  const sheet = /** @type {Sheet} */ (app.sheet);
  const aspect = /** @type {Aspect} */ (app.aspect);
  const { table } = app;
  if (table === "sheet" && sheet.status) return status(app, sheet);
  if (app.model.apart(sheet, aspect) && !sheet.status) return spreadBoard(app, sheet, aspect);
  const shownTable = table === "aspect" ? oneAspect(app, aspect) : table === "all" ? all(app, sheet) : oneSheet(app, sheet);
  return [
    table === "sheet" && switched(app),
    messages(app),
    h("div", { class: "aspect", key: "gridhead" }, path(app, sheet, aspect)),
    h(
      "div",
      { class: "gridview", key: "gridview" },
      h("div", { class: "panel gridpanel", key: "panel" }, h("div", { class: "gridpanel__head", key: "head" }, axes(app), table === "all" && legend()), table === "aspect" && axisHead(app, sheet, aspect), h("div", { class: "gridpanel__b", key: `b${table}`, tabindex: "0", role: "region", "aria-label": t("seat.view_grid") }, shownTable)),
      dock(app, sheet, aspect),
    ),
  ];
}
