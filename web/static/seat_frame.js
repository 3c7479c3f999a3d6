/**
 * Draws what frames every view of the tablet: the bar on top, the rail of competitors, the messages, the keys at the bottom.
 */

import { button, h, hidden, icon, message, named } from "./dom.js";
import { clockOf, spoken } from "./seat_clock.js";
import { saveUnsent } from "./seat_export.js";
import { labels, sealOf } from "./seat_model.js";
import { others } from "./seat_later.js";
import { LIVE, practiceBand } from "./seat_practice.js";
import { wordLines } from "./seat_words.js";
import { lang, t, todo } from "./words.js";

/** @typedef {import("./seat.js").App} App */

/** What a session is called: its own name, else its number. @param {any} session */
const sessionName = (session) => (Object.values(session.name ?? {}).some(Boolean) ? named(session.name) : t("seat.session_n", { n: session.batch }));

/** @param {string} sign @param {string} tone @param {string} text @param {string} key */
const pill = (sign, tone, text, key) => h("span", { class: `pill${tone ? ` pill--${tone}` : ""}`, key }, icon(sign), text);

/** @param {App} app */
function link(app) {
  if (app.broken || app.link.state === "ended") return pill("octagon", "stop", t("link.broken"), "link");
  if (app.link.state === "connected") return pill("disc", "ok", t("link.connected"), "link");
  if (app.link.state === "slow") return pill("half", "warn", t("link.slow"), "link");
  return pill("barred", "warn", t("link.offline", { seconds: app.link.seconds }), "link");
}

/** The session's clock by the server's time, with this competitor's extra time. @param {App} app @param {any} sheet @param {any} session */
function clock(app, sheet, session) {
  const credit = sheet.credit ?? 0;
  const at = clockOf(session, credit, app.clock.now);
  if (!at) return null;
  const sign = at.word === "paused" ? "pause" : "clock";
  const plus = `${credit < 0 ? "-" : "+"}${spoken(Math.abs(credit))}`;
  const extra = credit && at.word !== "ended" && session.minutes ? [" ", h("small", { class: "q" }, t("clock.credit", { time: plus }))] : null;
  return h("span", { class: `pill clock${at.word === "over" ? " pill--warn" : ""}`, key: "clock", role: "timer" }, icon(sign), t(`clock.${at.word}`, { time: at.time }), extra);
}

/** The colour and the word of the competitor's bench, null where benches have none. @param {any} sheet */
export const bench = (sheet) => (sheet.bench ? h("span", { class: `bench bench--${sheet.bench.colour}`, key: "bench" }, named(sheet.bench.word) || t(`colour.${sheet.bench.colour}`)) : null);

/** The bar on top. @param {App} app */
export function top(app) {
  const { hello } = app.model;
  const sheet = app.sheet;
  const pending = app.model.pending.length;
  const session = sheet && app.model.session(sheet.session);
  const seat = { seat: hello?.seat.label ?? "" };
  const where = sheet ? t("seat.station", { station: sheet.station, ...seat }) : t("seat.label", seat);
  return [
    sheet && h("span", { class: "plate plate--xl", key: "plate" }, sheet.code),
    sheet && bench(sheet),
    h(
      LIVE || !hello ? "div" : "button",
      { class: "judge__who", key: "who", ...(!LIVE && hello && { type: "button", "aria-haspopup": "dialog", onclick: () => others(app) }) },
      h("b", null, hello && named(hello.trade), session && !LIVE && [t("ui.list_dot"), sessionName(session)]),
      h("small", null, hello && [!LIVE && [icon("people"), hidden(`${t("share.change")} `)], where, hello.seat.role !== "judge" && [t("ui.list_comma"), t(`role.${hello.seat.role}`)]]),
    ),
    h("div", { class: "judge__stat", key: "stat" }, sheet && clock(app, sheet, session), link(app), pill("tablet", pending && !app.link.up ? "warn" : "", t("link.pending", { n: pending }), "pending")),
    practiceBand(),
    app.lock.known?.set && button({ class: "lock-now", key: "lock", onclick: () => app.lock.lock() }, icon("lock"), hidden(t("pin.lock_now"))),
    button({ class: "lang", key: "lang", lang: lang() === "en" ? "zh-CN" : "en", onclick: () => app.otherLanguage() }, t("seat.other_language")),
  ];
}

/** The competitors of the session by state. @param {App} app */
export function rail(app) {
  return app.model.units(app.ui.session).map(([unit, sheets]) => {
    const { word, sign, tone, done, of } = app.model.unitState(sheets, app.seat);
    return h(
      "button",
      {
        type: "button",
        key: unit,
        class: `cand${tone ? ` cand--${tone}` : ""}`,
        "aria-current": unit === app.ui.unit ? "true" : null,
        onclick: () => app.goUnit(unit),
      },
      h("b", null, sheets[0].code),
      h("span", null, icon(sign), t(word, { done, of })),
    );
  });
}

/** The band for three seconds after switching. @param {App} app */
export function switched(app) {
  if (!app.sheet || app.ui.switched < performance.now()) return null;
  return h("div", { class: "switched", key: "switched", role: "status" }, h("span", { class: "plate plate--l" }, app.sheet.code), bench(app.sheet), h("span", null, t("judge.now", { code: app.sheet.code })));
}

/** The page is asked for again when somebody says so, never by itself; not while marks are unsent. @param {number} [unsent] */
const loadAgain = (unsent = 0) => (unsent ? null : h("a", { class: "btn", href: "/seat", key: "load" }, t("seat.load_page")));

/** @param {App} app */
function later(app) {
  const put = () => {
    app.ui.later = app.sender.newer;
    app.changed();
  };
  return button({ look: "small", key: "later", onclick: put }, t("seat.later"));
}

/** After so many seconds without a connection the way by a file is offered. */
const FILE_AFTER = 120;

/** @param {App} app @param {number} n unsent */
function fileWay(app, n) {
  const stuck = app.link.state === "ended" || (!app.link.up && app.link.seconds >= FILE_AFTER);
  return n > 0 && stuck && button({ look: "small", key: "file", onclick: () => saveUnsent(app) }, icon("download"), t("seat.save_file"));
}

/** What several tablets of one seat have to say of each other. @param {App} app @param {number} n unsent here */
function seatMessages(app, n) {
  if (app.link.state === "ended") return [];
  const seat = app.model.hello?.seat.label ?? "";
  if (app.sender.moved) return [message("stop", t("seat.moved", { seat, n: n || "" }), { more: t(n ? "seat.moved_going" : "seat.moved_here"), key: "moved", live: "alert" }, fileWay(app, n))];
  // One line, of the one that can still be asked for its marks; read, it is read of all.
  const others = app.sender.device.others.filter((one) => one.pending !== 0 || !one.connected);
  const one = others.find((other) => other.connected) ?? others.find((other) => other.pending) ?? others[0];
  const key = `other ${others.map((other) => `${other.connected} ${other.pending}`).join()}`;
  if (!one || app.ui.read.has(key)) return [];
  const text = one.pending === null || (!one.connected && !one.pending) ? t("seat.other_unknown") : t(one.connected ? "seat.other_unsent" : "seat.other_away", { n: one.pending });
  const put = () => {
    app.ui.read.add(key);
    app.changed();
  };
  return [message("warn", text, { more: t("seat.other_both"), key, live: "status" }, button({ look: "small", key: "ok", onclick: put }, t("seat.understood")))];
}

/** What the connection and the server have to say. @param {App} app */
function linkMessages(app) {
  const found = [];
  const n = app.model.pending.length;
  if (app.broken) found.push(message("stop", t("seat.not_saved"), { more: todo("seat.not_saved"), live: "alert" }));
  if (app.link.state === "ended") {
    const code = app.link.ended;
    const moved = code === "device_revoked" || code === "not_enrolled";
    const text = moved ? t("seat.moved", { seat: app.model.hello?.seat.label ?? "", n: n || "" }) : t(code);
    const here = code === "old_connection" && button({ key: "here", onclick: () => app.takeOver() }, t("seat.use_here"));
    const load = ["newer_page", "older_page"].includes(code) && loadAgain();
    found.push(message("stop", text, { more: moved ? todo("seat.moved", { n }) : todo(code), live: "alert", key: "ended" }, here, load, fileWay(app, n)));
  } else if (!app.link.up && !app.sender.moved && app.started && app.link.seconds >= 2) {
    const live = app.link.seconds > 15 ? "alert" : "status";
    found.push(message("warn", n ? t("say.offline", { n }) : t("seat.offline_none"), { live, key: "offline" }, fileWay(app, n)));
  }
  found.push(...seatMessages(app, n));
  if (app.link.up && app.sender.newer && app.ui.later !== app.sender.newer) found.push(message("ok", t("seat.newer_page"), { key: "newer", live: "status" }, loadAgain(n), later(app)));
  if (app.fault) found.push(message("stop", t(app.fault), { more: todo(app.fault), live: "alert", key: "fault" }));
  if (app.ui.restored) found.push(message("warn", t("say.history_reset", { n: app.ui.restored.n }), { live: "status", key: "reset" }));
  if (app.ui.back) found.push(message("ok", t(app.ui.back.code, { n: app.ui.back.n }), { live: "status", key: "back" }));
  return found;
}

/** Marks the server did not take as they were meant; each stays until it is acted on. @param {App} app */
function recordMessages(app) {
  return app.model.records
    .filter((record) => {
      const { answer, again, differs } = record;
      if (!answer || again) return false;
      return differs || answer.a === "refused" || (answer.a === "late" && answer.code !== app.model.fate(record).read);
    })
    .slice(0, 3)
    .map((record) => {
      const { answer, cmd } = record;
      const key = `record${record.k}`;
      const sheet = app.model.sheets.get(record.sheet);
      const here = sheet?.unit === app.ui.unit && (cmd.aspect ?? app.ui.aspect) === app.ui.aspect;
      const where = here || !sheet ? "" : t("seat.at", { code: sheet.code, aspect: cmd.aspect ?? cmd.sub ?? "" });
      const ok = button({ look: "small", key: "ok", onclick: () => app.dismiss(record) }, t("seat.understood"));
      if (record.differs) return message("stop", where + t("seat.echo_differs"), { more: todo("seat.echo_differs"), key, live: "alert" }, ok);
      const { settled, reason } = app.model.fate(record);
      if (settled) return message("warn", where + t(settled === "applied" ? "seat.late_applied" : "seat.late_left_out", { value: cmd.value ?? t("cell.hole"), reason }), { key, live: "status" }, ok);
      if (answer?.a === "late") return message("warn", where + t(!sheet ? "seat.late_left" : sheet.state === "locked" ? "say.late" : "seat.late"), { key, live: "status" }, ok);
      const params = answer?.params ?? {};
      return message("stop", where + t(answer?.code ?? "malformed", params), { more: todo(answer?.code ?? "malformed", params), key, live: "alert" }, ok);
    });
}

/** What stands about the sheet at hand. @param {App} app */
function sheetMessages(app) {
  const sheet = app.sheet;
  if (!sheet) return [];
  const found = [];
  for (const status of app.model.proposed(sheet)) found.push(message("warn", t("seat.proposed_line", { status: t(`cell.${status}`) }), { key: `proposed${status}`, live: "status" }));
  if (app.ui.gone) found.push(message("warn", t("say.not_yours"), { key: "gone", live: "status" }));
  if (sheet.state === "returned" && !app.model.hasSigned(sheet, app.seat))
    found.push(message("stop", t("say.returned", { reason: sheet.returned }), { key: `returned${sheet.sub}`, live: "alert" }));
  const session = app.model.session(sheet.session);
  if (clockOf(session, sheet.credit ?? 0, app.clock.now)?.word === "over") found.push(message("warn", t("clock.over_note"), { key: "over", live: "status" }));
  if (session?.state === "paused") found.push(message("warn", t("seat.paused"), { key: "paused", live: "status" }));
  return found;
}

/** All messages, the gravest first; none covers a key. @param {App} app */
export function messages(app) {
  const grave = ["msg--stop", "msg--warn", "msg--lock", "msg--ok"];
  const weight = (/** @type {import("./dom.js").Tree} */ one) => grave.findIndex((look) => one.props.class.includes(look));
  const all = [...linkMessages(app), ...recordMessages(app), ...sheetMessages(app)].toSorted((a, b) => weight(a) - weight(b));
  const lines = [...all, ...wordLines(app)];
  return lines.length > 0 && h("div", { class: "msgs", key: "msgs" }, lines);
}

/** The keys at the bottom. @param {App} app */
export function foot(app) {
  if (!app.sheet) return [];
  const back = { key: "prev", onclick: () => app.step(-1) };
  const undo = app.undoable;
  const left = Math.ceil(((app.ui.undo?.until ?? 0) - performance.now()) / 1000);
  const turnless = app.ui.view === "sign" && app.turnless(app.sheet) && !app.model.countersigns(app.sheet);
  const why = turnless ? { code: "panel.turn_first", params: {} } : app.unready;
  const sign = app.model.countersigns(app.sheet) ? "do.countersign" : "do.sign";
  const { sheet } = app;
  const on = app.model.seats(sheet, app.seat).every((seat) => app.model.hasSigned(sheet, seat)) && !app.model.countersigns(app.sheet) ? app.onward(app.sheet) : null;
  if (app.ui.view === "sign")
    return [
      button({ key: "back", onclick: () => app.show("focus") }, icon("prev"), t("seat.back_to_marking")),
      button({ key: "signs", look: on ? "" : "main", why: why ? "1" : "", onclick: () => app.sign() }, icon("sign"), why ? t(why.code, why.params) : t(sign)),
      on && button({ key: "on", look: "main", onclick: () => on.go() }, t(on.word, on.params), icon("next")),
    ];
  const next = app.next();
  return [
    button(back, icon("prev"), t("do.previous")),
    button({ key: "undo", why: undo ? "" : "1", onclick: () => app.undo() }, icon("undo"), undo ? t("do.undo_seconds", { n: left }) : t("do.undo")),
    // It leads to the check, where the blanks stand; only the signature itself is shut there.
    button({ key: "sign", look: why ? "wait" : "", onclick: () => app.show("sign") }, icon("sign"), why ? t(why.code, why.params) : t(sign)),
    button({ key: "next", look: "main", onclick: () => app.step(1) }, t(next.word, next.params), icon("next")),
  ];
}

/** The seats of a sheet for one aspect: not yet, sealed, revealed with its value, signed. @param {App} app @param {any} sheet @param {any} aspect */
export function roster(app, sheet, aspect) {
  const view = aspect ? sheet.aspects[aspect.key] : {};
  // One value for the panel, and the check before signing: what counts is who has signed.
  const signing = !aspect || aspect.method === "agreed";
  const stale = !app.link.up && app.link.seconds >= 2;
  const several = app.model.hello.mode === "panel" && app.model.hello.seat.role === "lead";
  const seats = sheet.roster.map((/** @type {any} */ one) => {
    const me = one.seat === app.seat;
    const value = view.revealed?.[one.seat];
    const voted = view.voted?.includes(one.seat) || (me && !signing && app.model.cell(sheet, aspect, app.seat).value !== null);
    const state = aspect && several && app.model.twofold(sheet, aspect, one.seat) ? "conflict" : value !== undefined ? "open" : view.excused?.[one.seat] !== undefined ? "absent" : one.signed ? "signed" : voted ? "sealed" : "wait";
    const sign = { sealed: "lock", signed: "sign", absent: "ring", conflict: "conflict" }[/** @type {string} */ (state)];
    const look = `seat${state === "open" ? "" : ` seat--${state === "signed" ? "sealed" : state}`}${me ? " seat--me" : ""}`;
    const word = signing && state === "wait" ? "unsigned" : me && ["wait", "sealed"].includes(state) ? `me_${state}` : state;
    const words = state === "open" ? [h("b", null, t("seat.label", { seat: one.label })), h("span", { class: "seat__v" }, value)] : t(`strip.${word}`, { seat: one.label });
    if (several) return h("button", { type: "button", class: look, key: one.seat, "aria-pressed": me ? "true" : "false", onclick: () => app.sit(one.seat) }, sign && icon(sign), words);
    return h("span", { class: look, key: one.seat }, sign && icon(sign), words);
  });
  return h("div", { class: "roster", key: "roster", role: "group", "aria-label": t("seat.roster") }, h("span", { class: "xs q", key: "asof" }, stale ? t("seat.asof", { n: app.link.seconds }) : t("strip.seats")), seats);
}

/** How far a value has come: on this tablet, at the server. @param {App} app @param {any} sheet @param {any} aspect */
export function saveLine(app, sheet, aspect) {
  const cell = app.model.cell(sheet, aspect, app.seat);
  const view = sheet.aspects[aspect.key];
  const missing = aspect.method === "judgement" && !view.revealed ? app.model.missing(sheet, aspect).filter((one) => one.seat !== app.seat) : [];
  const by = aspect.method === "agreed" && cell.value !== null ? sheet.roster.find((/** @type {any} */ one) => one.seat === view.by)?.label : "";
  const waits = aspect.method === "agreed" ? t("seat.one_value", { seat: by ?? "" }) : view.revealed || view.voided || view.resolved ? "" : cell.state === "received" && missing.length ? t("say.waiting", { seats: labels(missing).join(t("ui.list_seats")) }) : t(aspect.method === "points" ? "seat.shown_signed" : "say.all_together");
  const here = cell.state === "saved" || (cell.state === "received" && cell.n > 0);
  return h(
    "div",
    { class: "save", key: "save", role: "status", "aria-live": "polite" },
    here && h("span", { class: "ok", key: "here" }, icon("saved"), t("say.saved")),
    cell.state === "saved" && h("span", { class: "wait", key: "not" }, icon("clock"), t("say.not_received")),
    cell.state === "received" && h("span", { class: "ok", key: "there" }, icon("double-check"), t("say.received", { n: cell.n || "" })),
    view.mark !== undefined && cell.state === "received" && h("span", { key: "mark" }, t("seat.mark", { mark: view.mark, max: aspect.max })),
    waits && h("span", { class: "q", key: "waits" }, waits),
  );
}

/** The words of a signed sheet's short code. @param {unknown} seen */
export function sealWords(seen) {
  const { digest, picks } = sealOf(seen);
  const all = t("seat.seal_words").split(" ");
  return { digest, words: picks.map((at) => all[at]).join(" ") };
}

