/**
 * Draws the middle of the tablet: one aspect (focus), the check before signing, the list of sheets.
 */

import { button, h, icon, message, named } from "./dom.js";
import { entry, twoValues } from "./seat_entry.js";
import { columns, heard, reports, spreadBoard, turns } from "./seat_later.js";
import { messages, roster, saveLine, sealWords, switched } from "./seat_frame.js";
import { practiceLink } from "./seat_practice.js";
import { look, rule, shown } from "./seat_pad.js";
import { lang, second, t } from "./words.js";

/** @typedef {import("./seat.js").App} App */
/** @typedef {Record<string, any>} Aspect */
/** @typedef {Record<string, any>} Sheet */

/** One mark per aspect (where one aspect is gone through, per competitor): filled, skipped, the one at hand. @param {App} app @param {Sheet} sheet @param {Aspect} aspect */
function segments(app, sheet, aspect) {
  const down = app.table === "aspect";
  const all = down ? app.across : app.model.aspects(sheet);
  const filled = all.map((/** @type {any} */ one) => (down ? one.status || app.done(one, aspect) : app.done(sheet, one)));
  const at = all.indexOf(down ? sheet : aspect);
  const reached = Math.max(at, filled.lastIndexOf(true));
  const look = (/** @type {number} */ i) => [i === at ? "is-now" : filled[i] ? "is-done" : "", !filled[i] && i < reached && i !== at ? "is-hole" : ""].join(" ").trim();
  const label = t(down ? "seat.segments" : "aspect.segments", { of: all.length, done: filled.filter(Boolean).length, n: at + 1 });
  return h("div", { class: "segs", role: "img", "aria-label": label }, all.map((/** @type {any} */ _, /** @type {number} */ i) => h("i", { class: look(i) })));
}

/** The way to the first aspect that was passed over. @param {App} app @param {Sheet} sheet @param {Aspect} aspect */
function toHole(app, sheet, aspect) {
  const all = app.model.aspects(sheet);
  const hole = all.findIndex((one, i) => i < all.indexOf(aspect) && !app.done(sheet, one));
  if (hole < 0) return null;
  return h("button", { type: "button", class: "tohole", key: "tohole", onclick: () => app.goAspect(all[hole].key) }, t("do.go_to_aspect", { n: hole + 1 }));
}

/** Sub-criterion, place in it, the ways to other sheets and to the other view. @param {App} app @param {Sheet} sheet @param {Aspect} aspect */
export function path(app, sheet, aspect) {
  const sub = app.model.sub(sheet);
  const all = app.model.aspects(sheet);
  const sheets = app.model.units(app.ui.session).find(([unit]) => unit === sheet.unit)?.[1] ?? [];
  const { round } = sheet.aspects[aspect.key];
  const grid = app.ui.view === "grid";
  return h(
    "div",
    { class: "aspect__path", key: "path" },
    sheets.length > 1
      ? h("button", { type: "button", class: "subpick", key: "sub", onclick: () => app.show("sheets") }, h("b", null, sub.key, " ", named(sub.title)), icon("down"))
      : h("b", { key: "sub" }, sub.key, " ", named(sub.title)),
    h("span", { key: "nth" }, t("aspect.nth", { n: all.indexOf(aspect) + 1, of: all.length })),
    round > 1 && h("span", { key: "round" }, t("seat.round", { n: round })),
    app.table !== "aspect" && toHole(app, sheet, aspect),
    h("button", { type: "button", class: "viewpick", key: "view", onclick: () => app.chooseView(grid ? "focus" : "grid") }, icon(grid ? "file" : "table"), t(grid ? "seat.view_focus" : "seat.view_grid")),
    segments(app, sheet, aspect),
  );
}

/** Title, what to look at, the direction of the scale, the note. @param {App} app @param {Sheet} sheet @param {Aspect} aspect */
function heading(app, sheet, aspect) {
  const other = lang() === "en" ? second(aspect.title) : "";
  const cell = app.model.cell(sheet, aspect, app.seat);
  const shut = app.closed(sheet, aspect) !== "";
  const panel = app.inColumns(sheet, aspect);
  return [
    h(
      "div",
      { class: "aspect__head", key: "head" },
      h("h1", { key: "title" }, named(aspect.title), other && [" ", h("span", { class: "second", lang: "zh-CN" }, other)]),
      !shut && button({ look: "small", class: "notebtn", key: "note", onclick: () => app.note(aspect) }, icon("note"), t("do.note")),
      !shut && app.more && h("div", { class: "notekeys", key: "more" }, app.more.keys(sheet, aspect)),
    ),
    h(
      "div",
      { class: "aspect__line", key: "line" },
      h("div", { class: "aspect__look" }, look(aspect).map((text) => h("p", null, text)), aspect.method === "agreed" && aspect.choices?.length > 0 && h("p", { class: "q s" }, rule(aspect)), cell.note && h("p", { class: "ownnote" }, icon("note"), cell.note)),
      aspect.method === "judgement" && !panel && h("div", { class: "lowhigh", key: "low" }, h("b", null, t("key.low", { n: 0 })), h("span", { "aria-hidden": "true" }, "→"), h("b", null, t("key.high", { n: 3 }))),
    ),
    app.more?.beside(sheet, aspect, shut),
  ];
}

/** What stands about an aspect: voided, resolved, left out, earlier rounds, signed. @param {App} app @param {Sheet} sheet @param {Aspect} aspect */
export function standing(app, sheet, aspect) {
  const view = sheet.aspects[aspect.key];
  const closed = app.model.closed(sheet, aspect, app.seat);
  const why = view.excused?.[app.model.who(aspect, app.seat)];
  const found = [];
  if (view.voided) found.push(message("lock", t("seat.voided", { reason: view.voided.reason }), { key: "void" }));
  if (view.resolved) found.push(message("lock", t("seat.resolved", { mark: view.resolved.mark, max: aspect.max, reason: view.resolved.reason }), { key: "resolved" }));
  if (view.escalated && (view.revealed || view.escalated.outcome === "reserve")) found.push(message(view.revealed ? "lock" : "warn", t(`seat.escalated_${view.escalated.outcome}`, { reason: view.escalated.reason }), { key: "escalated" }));
  if (why !== undefined) found.push(message("lock", t("seat.excused", { reason: why }), { key: "excused" }));
  if (view.rounds?.length && !view.revealed) found.push(message("warn", t("seat.again", { n: view.round, rounds: rounds(sheet, view) }), { key: "again" }));
  if (closed === "signed" || closed === "locked") found.push(message("lock", t(closed === "locked" ? "seat.locked" : app.model.hasSigned(sheet, app.seat) ? "seat.signed_readonly" : "seat.panel_signed"), { key: "closed" }));
  if (["waiting", "void"].includes(sheet.heard)) found.push(message("warn", t("seat.competitor_waits"), { key: "heard" }, button({ look: "small", onclick: () => app.show("sign") }, t("seat.competitor_open"))));
  if (closed === "elsewhere") found.push(message("lock", t("seat.elsewhere", { seat: app.seatLabel }), { key: "elsewhere" }));
  if (app.model.twofold(sheet, aspect, app.seat)) {
    const { value, others, elsewhere } = app.model.told(sheet, aspect, app.seat);
    const b = (others ?? []).map((one) => shown(aspect, one)).join(t("ui.list_comma"));
    const text = elsewhere ? t("seat.elsewhere_too", { seat: app.seatLabel, value: value === null ? b : shown(aspect, value) }) : t("say.conflict", { a: shown(aspect, value), b, seat: app.seatLabel });
    found.push(message("stop", text, { key: "conflict", live: "alert" }));
  }
  return found;
}

/** Earlier rounds as figures in the roster's order. @param {Sheet} sheet @param {any} view */
export function rounds(sheet, view) {
  return (view.rounds ?? []).map((/** @type {Record<string, string>} */ votes, /** @type {number} */ at) =>
    t("seat.round_votes", { n: at + 1, votes: sheet.roster.map((/** @type {any} */ one) => votes[one.seat] ?? "–").join("·") }),
  ).join(t("ui.list_comma"));
}

/** One aspect and the place to press. @param {App} app */
export function focus(app) {
  const sheet = /** @type {Sheet} */ (app.sheet);
  const aspect = /** @type {Aspect} */ (app.aspect);
  if (sheet.status) return status(app, sheet);
  if (app.model.apart(sheet, aspect)) return spreadBoard(app, sheet, aspect);
  const view = sheet.aspects[aspect.key];
  const said = standing(app, sheet, aspect);
  return [
    switched(app),
    messages(app),
    h("div", { class: "aspect", key: `aspect${aspect.key}` }, path(app, sheet, aspect), heading(app, sheet, aspect)),
    said.length > 0 && h("div", { class: "msgs", key: "standing" }, said),
    ...(app.inColumns(sheet, aspect)
      ? columns(app, sheet, aspect)
      : [app.model.twofold(sheet, aspect, app.seat) ? twoValues(app, sheet, aspect) : entry(app, sheet, aspect), h("div", { class: "judge__state", key: "state" }, saveLine(app, sheet, aspect), app.more?.total(sheet), roster(app, sheet, aspect))]),
  ];
}

/** A unit that is absent, withdrawn or out: its word stands where the keys were. @param {App} app @param {Sheet} sheet */
export function status(app, sheet) {
  return [
    switched(app),
    messages(app),
    h("div", { class: "panel outcard", key: "out" }, h("div", { class: "empty" }, h("span", { class: "plate plate--xl" }, sheet.code), h("p", { class: "outcard__w" }, icon("ring"), t(`cell.${sheet.status}`)), h("p", null, t("seat.status_nothing")))),
  ];
}

/** A cell's value in a table. @param {App} app @param {Sheet} sheet @param {Aspect} aspect */
function value(app, sheet, aspect) {
  const view = sheet.aspects[aspect.key];
  if (view.resolved) return h("b", null, view.resolved.mark);
  const cell = app.model.cell(sheet, aspect, app.seat);
  if (cell.value === null && app.model.elsewhere(sheet, aspect, app.seat)) return h("span", { class: "sc" }, icon("lock"), t("seat.elsewhere_word"));
  if (cell.value === null) return h("span", { class: "sc sc--hole" }, icon("octagon"), t("cell.hole"));
  return h("span", { class: "sc" }, h("b", null, shown(aspect, cell.value)));
}

/** What the panel has given for an aspect, once all of it may be seen: one value, or one per seat in the roster's order. @param {Sheet} sheet @param {Aspect} aspect */
export function panelValues(sheet, aspect) {
  const view = sheet.aspects[aspect.key];
  if (view.resolved) return view.resolved.mark;
  if (aspect.method === "agreed") return view.value;
  return sheet.roster.map((/** @type {any} */ one) => view.revealed?.[one.seat] ?? null);
}

/** What all seats have signed, for whoever countersigns. @param {Sheet} sheet @param {Aspect} aspect */
function panelValue(sheet, aspect) {
  const found = panelValues(sheet, aspect);
  if (sheet.aspects[aspect.key].voided) return h("span", { class: "sc" }, t("cell.void"));
  if (Array.isArray(found)) return h("span", { class: "sc" }, h("b", null, found.map((one) => one ?? "–").join("·")));
  return found === null ? h("span", { class: "sc" }, t("cell.excused")) : h("span", { class: "sc" }, h("b", null, shown(aspect, found)));
}

/** What is said beside the signature: what it stands for, what is in its way, or that it was given. @param {App} app @param {Sheet} sheet */
function aboutSigning(app, sheet) {
  const why = app.unready;
  if (app.model.countersigns(sheet)) return h("p", null, why ? h("b", { class: "st--stop" }, t(why.code, why.params)) : t("seat.countersign_for"));
  if (sheet.steps?.includes("lead") && app.model.hello.seat.role === "lead") return h("p", { class: "row" }, icon("sign"), t("seat.countersigned"));
  if (app.model.hasSigned(sheet, app.seat)) return h("p", { class: "row" }, icon("sign"), t("seat.signed_readonly"));
  return h("p", null, why ? h("b", { class: "st--stop" }, t(why.code, why.params)) : t("say.seal_words"));
}

/** What the judge's signature stands for: the blanks first, then every value, then the short code. @param {App} app */
export function signing(app) {
  const sheet = /** @type {Sheet} */ (app.sheet);
  const sub = app.model.sub(sheet);
  const all = app.model.aspects(sheet);
  const holes = app.model.holes(sheet, app.seat);
  const signed = app.model.hasSigned(sheet, app.seat);
  const whole = app.model.forPanel(sheet);
  const { words } = sealWords(app.seen(sheet));
  const head = h("div", { class: "signhead", key: "head" }, h("span", { class: "plate plate--l" }, sheet.code), h("h1", null, t("seat.check", { sub: sub.key }), " ", named(sub.title)), h("p", { class: "q" }, t("seat.filled", { done: all.length - holes.length, of: all.length })));
  if (app.turnless(sheet)) return [messages(app), head, ...turns(app, sheet)];
  const row = (/** @type {Aspect} */ aspect) =>
    h(
      "tr",
      { key: aspect.key, class: holes.includes(aspect) ? "is-blank" : null },
      h("th", { scope: "row" }, holes.includes(aspect) && !signed ? h("button", { type: "button", class: "rowbtn rowbtn--stop", onclick: () => app.goAspect(aspect.key) }, icon("octagon"), h("span", null, t("aspect.nth_title", { n: all.indexOf(aspect) + 1 }), named(aspect.title))) : [h("span", { class: "q" }, `${all.indexOf(aspect) + 1} `), named(aspect.title)]),
      h("td", { class: "num" }, whole ? panelValue(sheet, aspect) : value(app, sheet, aspect)),
      h("td", { class: "num" }, aspect.method !== "points" && (sheet.aspects[aspect.key].mark ?? ""), aspect.method === "points" && h("span", { class: "q" }, `/ ${aspect.max}`)),
    );
  return [
    messages(app),
    head,
    h("div", { class: "panel", key: "table" }, h("table", { class: "t summary" }, h("thead", null, h("tr", null, h("th", null, t("seat.aspect")), h("th", { class: "num" }, t("seat.value")), h("th", { class: "num" }, t("seat.mark_head")))), h("tbody", null, [...holes, ...all.filter((one) => !holes.includes(one))].map(row)))),
    h(
      "div",
      { class: "signbox", key: "box" },
      h("div", { class: "row row--wrap" }, h("b", { class: "l" }, t("seat.label", { seat: app.seatLabel })), roster(app, sheet, null)),
      aboutSigning(app, sheet),
      h("p", null, h("span", { class: "q" }, t("seat.seal_label")), " ", h("b", { class: "words" }, words)),
    ),
    ...(sheet.heard ? heard(app, sheet) : []),
  ];
}

/** What a competitor may be instead of marked, each with its own shape: proposed here, decided by the chief. @param {App} app @param {Sheet} sheet */
function statuses(app, sheet) {
  const shapes = { absent: "ring", withdrawn: "half", excluded: "barred" };
  const waits = app.model.proposed(sheet);
  return [
    h("h2", { key: "hstatus" }, t("seat.not_marked", { code: sheet.code })),
    h(
      "div",
      { class: "picklist statuspick", key: "status" },
      Object.entries(shapes).map(([status, shape]) =>
        button({ key: status, why: waits.includes(status) ? "1" : "", onclick: () => !waits.includes(status) && app.propose(sheet, status) }, icon(shape), h("span", { class: "grow" }, t(`cell.${status}`)), waits.includes(status) && h("span", { class: "st st--warn" }, icon("clock"), t("seat.proposed"))),
      ),
    ),
  ];
}

/** The sheets of the unit, and the sessions where there are several. @param {App} app */
export function sheetList(app) {
  const sheets = app.model.units(app.ui.session).find(([unit]) => unit === app.ui.unit)?.[1] ?? [];
  return [
    messages(app),
    h("h1", { key: "h", class: "xl" }, app.sheet?.code, " ", t("seat.sheets")),
    h(
      "div",
      { class: "picklist", key: "list" },
      sheets.map((sheet) => {
        const { word, sign, tone, done, of } = app.model.unitState([sheet], app.seat);
        return h(
          "button",
          { type: "button", class: `btn${tone ? ` is-${tone}` : ""}`, key: sheet.sub, "aria-current": sheet.sub === app.ui.sub ? "true" : null, onclick: () => app.goSheet(sheet.sub) },
          h("b", null, sheet.sub),
          h("span", { class: "grow" }, named(app.model.sub(sheet).title)),
          h("span", { class: "st" }, icon(sign), t(word, { done, of })),
        );
      }),
    ),
    app.more?.listed(),
    practiceLink(),
    app.sheet && !app.sheet.status && statuses(app, app.sheet),
    app.sheet && app.model.hello.seat.role === "lead" && reports(app, app.sheet),
    app.model.sessions.length > 1 && [
      h("h2", { key: "hs" }, t("seat.sessions")),
      h("div", { class: "picklist", key: "sessions" }, app.model.sessions.map((session) => h("button", { type: "button", class: "btn", key: session.id, "aria-current": session.id === app.ui.session ? "true" : null, onclick: () => app.goSession(session.id) }, h("span", { class: "grow" }, Object.keys(session.name ?? {}).length ? named(session.name) : t("seat.session_n", { n: session.batch })), h("span", { class: "st" }, t(`seat.session_${session.state}`))))),
    ],
  ];
}

/** Nothing to mark yet, and why. @param {App} app */
export function nothing(app) {
  const { hello } = app.model;
  const why = !hello ? (app.link.up ? "ui.loading" : "seat.connecting") : hello.marking === "setup" || hello.marking === "drawn" ? "seat.not_open_yet" : "seat.no_sheets";
  return [messages(app), h("div", { class: "panel", key: "empty" }, h("div", { class: "empty" }, h("p", { class: "l", role: "status" }, t(why)))), hello && practiceLink()];
}
