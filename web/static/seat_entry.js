/**
 * Draws what a value is entered with: four judgement keys, two or more choices, or the keypad.
 */

import { button, h, hidden, icon, message, named } from "./dom.js";
import { bar, choiceName, finished, limits, rule, unitOf } from "./seat_pad.js";
import { t, todo } from "./words.js";

/** @typedef {import("./seat.js").App} App */
/** @typedef {Record<string, any>} Aspect */
/** @typedef {Record<string, any>} Sheet */

const LEVELS = ["0", "1", "2", "3"];

/** The values that a digit or a tap chooses, [] where a number is typed. @param {Aspect} aspect @returns {string[]} */
export function choicesOf(aspect) {
  if (aspect.method === "judgement") return LEVELS;
  return aspect.method === "agreed" ? (aspect.choices ?? []) : [];
}

/** Arrows move the focus between the keys of a group; they choose nothing. @param {KeyboardEvent} event */
function arrows(event) {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const group = /** @type {HTMLElement} */ (event.currentTarget);
  const keys = /** @type {HTMLElement[]} */ ([...group.querySelectorAll("[role=radio]")]);
  const at = keys.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  keys[(at + step + keys.length) % keys.length]?.focus();
}

/**
 * The radio keys of a group; the chosen one (else the first) is in the tab order.
 * @param {string[]} values @param {string | null} chosen @param {boolean} shut @param {(value: string) => void} choose
 * @param {(value: string, props: Record<string, any>) => import("./dom.js").Tree} make
 */
function radios(values, chosen, shut, choose, make) {
  const first = chosen !== null && values.includes(chosen) ? chosen : values[0];
  return values.map((value) =>
    make(value, {
      key: value,
      type: "button",
      role: "radio",
      "aria-checked": value === chosen ? "true" : "false",
      "aria-disabled": shut ? "true" : null,
      tabindex: value === first ? "0" : "-1",
      "data-value": value,
      onclick: shut ? null : () => choose(value),
    }),
  );
}

/** @param {App} app @param {Sheet} sheet @param {Aspect} aspect @param {boolean} shut */
function keys(app, sheet, aspect, shut) {
  const cell = app.model.cell(sheet, aspect, app.seat);
  const choose = (/** @type {string} */ value) => app.give(aspect, value);
  return h(
    "div",
    { class: "keys", key: "keys", role: "radiogroup", "aria-label": app.title(aspect), "aria-readonly": shut ? "true" : null, onkeydown: arrows },
    radios(LEVELS, cell.value, shut, choose, (value, props) => {
      const words = aspect.descriptors?.[Number(value)];
      return h(
        "button",
        { ...props, class: shut ? "key key--read" : "key" },
        h("span", { class: "key__n" }, value),
        h("span", { class: "key__l" }, t(`level.${value}`)),
        h("span", { class: "key__t", "aria-hidden": "true" }, [0, 1, 2].map((at) => h("i", { class: at < Number(value) ? "on" : null }))),
        h("span", { class: "key__sel", "aria-hidden": "true" }, icon(shut ? "lock" : "check"), t("key.chosen")),
        words && h("span", { class: "key__d" }, named(words)),
      );
    }),
  );
}

/** @param {App} app @param {Sheet} sheet @param {Aspect} aspect @param {boolean} shut */
function choices(app, sheet, aspect, shut) {
  const cell = app.model.cell(sheet, aspect, app.seat);
  const two = aspect.measure.kind === "pass_fail";
  return h(
    "div",
    { class: two ? "yesno" : "choices", key: "choices", role: "radiogroup", "aria-label": app.title(aspect), "aria-readonly": shut ? "true" : null, onkeydown: arrows },
    radios(aspect.choices, cell.value, shut, (value) => app.give(aspect, value), (value, props) =>
      h(
        "button",
        { ...props, class: "btn", "data-shut": shut ? "1" : null },
        icon(two ? (value === "pass" ? "check" : "cross") : value === cell.value ? "check" : "ring"),
        h("span", null, choiceName(aspect, value)),
      ),
    ),
  );
}

/** The key that takes a value back: blank is not zero. @param {App} app @param {Sheet} sheet @param {Aspect} aspect */
function blankKey(app, sheet, aspect) {
  const blank = app.model.cell(sheet, aspect, app.seat).value === null;
  return h("div", { class: "blankrow", key: "blank" }, button({ class: "blankkey", why: blank ? "1" : "", onclick: () => app.give(aspect, null) }, h("span", { class: "hatch", "aria-hidden": "true" }), t("seat.blank_key")), button({ class: "outkey", key: "not", onclick: () => app.show("sheets") }, icon("barred"), t("seat.not_here")));
}

/** Where the tolerance lies, and the number in it. @param {Aspect} aspect @param {string} text */
function tolerance(aspect, text) {
  const drawn = bar(aspect, text);
  if (!drawn) return null;
  return h(
    "div",
    { class: "tolbox", key: "tol", "aria-hidden": "true" },
    h(
      "span",
      { class: `tol${drawn.out ? ` tol--${drawn.out}` : ""}` },
      drawn.pieces.map(({ from, to, earns }, at) => h("i", { key: String(at), class: earns, vars: { "--a": from, "--b": to } })),
      drawn.needle && h("em", { key: "needle", vars: { "--p": drawn.needle } }),
    ),
    h("span", { class: "tol__ends" }, drawn.ends.map(({ at, text: end }) => h("span", { key: end, vars: { "--p": at } }, end))),
  );
}

/** Asked once about a number far from the others; it is kept already. @param {App} app @param {Sheet} sheet @param {Aspect} aspect @param {{value: string, near: string}} asked */
function question(app, sheet, aspect, { value, near }) {
  const answer = (/** @type {boolean} */ keeps) => () => app.answered(sheet, aspect, keeps);
  return message("warn", t("say.unusual", { value, near }), { live: "alert", key: "unusual" }, button({ key: "keep", onclick: answer(true) }, t("seat.keep_value")), button({ key: "change", onclick: answer(false) }, t("seat.change_value")));
}

/** The keypad and what stands in it. @param {App} app @param {Sheet} sheet @param {Aspect} aspect @param {boolean} shut */
function pad(app, sheet, aspect, shut) {
  const cell = app.model.cell(sheet, aspect, app.seat);
  const text = app.typed(sheet, aspect);
  const problem = app.ui.problem?.cell === app.cellName(sheet, aspect) ? app.ui.problem : null;
  const press = (/** @type {string} */ key) => app.press(sheet, aspect, key);
  const { minus, whole } = limits(aspect);
  const dirty = finished(text) !== (cell.value ?? "");
  const asked = app.asked(sheet, aspect);
  const signs = ["1", "2", "3", "4", "5", "6", "7", "8", "9", whole ? "" : ".", "0", "erase"];
  return h(
    "div",
    { class: "padbox", key: "pad" },
    h(
      "div",
      { class: `pad${problem ? " pad--bad" : ""}` },
      h("p", { class: "pad__name" }, h("span", null, app.title(aspect)), h("span", null, rule(aspect))),
      h(
        "output",
        { class: "pad__value", "aria-label": t("seat.entered") },
        text ? h("b", null, text) : h("span", { class: "pad__blank" }, t("cell.hole")),
        unitOf(aspect) && h("small", { class: "unit" }, ` ${unitOf(aspect)}`),
        aspect.method === "points" && h("small", null, ` / ${aspect.max}`),
      ),
      tolerance(aspect, text),
      asked && question(app, sheet, aspect, asked),
      problem
        ? message("stop", t(problem.code, problem.params), { more: todo(problem.code, problem.params), live: "alert" })
        : dirty && !shut && h("p", { class: "pad__hint" }, icon("clock"), t("seat.not_entered")),
    ),
    !shut &&
      h(
        "div",
        { class: `keypad${minus ? " keypad--minus" : ""}`, role: "group", "aria-label": t("seat.keypad") },
        signs.map((sign) =>
          sign === ""
            ? h("span", { key: "none" })
            : button({ key: sign, onclick: () => press(sign) }, sign === "erase" ? [icon("erase"), hidden(t("do.erase"))] : sign),
        ),
        minus && button({ key: "-", onclick: () => press("-") }, "−"),
        button({ key: "clear", class: "keypad__clear", onclick: () => press("clear") }, t("do.clear")),
        button({ key: "enter", look: "main", onclick: () => app.enter(sheet, aspect) }, t("do.enter")),
      ),
  );
}

/** What the aspect at hand is entered with; shut: its keys show and take nothing. @param {App} app @param {Sheet} sheet @param {Aspect} aspect */
export function entry(app, sheet, aspect) {
  const shut = app.closed(sheet, aspect) !== "";
  if (aspect.method === "judgement") return [keys(app, sheet, aspect, shut), !shut && blankKey(app, sheet, aspect)];
  if (choicesOf(aspect).length) return [choices(app, sheet, aspect, shut), !shut && blankKey(app, sheet, aspect)];
  return pad(app, sheet, aspect, shut);
}

/** Two values of one cell: its judge chooses. @param {App} app @param {Sheet} sheet @param {Aspect} aspect */
export function twoValues(app, sheet, aspect) {
  const told = app.model.told(sheet, aspect, app.seat);
  const values = [told.value, ...(told.others ?? [])].filter((value, at, all) => value !== null && all.indexOf(value) === at);
  const word = (/** @type {string} */ value) => (aspect.method === "agreed" ? choiceName(aspect, value) : value);
  return h(
    "div",
    { class: "twovalues", key: "two", role: "group", "aria-label": t("status.conflict") },
    h("p", { class: "l b" }, t("seat.choose_value")),
    h("div", { class: "yesno" }, values.map((value) => button({ key: value, why: app.closed(sheet, aspect) ? "1" : "", onclick: () => app.settle(aspect, value) }, word(value)))),
  );
}


export { blankKey };
