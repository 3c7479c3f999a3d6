/**
 * Asks for six figures in a dialog with keys of its own; they are shown as dots and forgotten when the dialog closes.
 */

import { button, draw, h, hidden, icon } from "./dom.js";
import { t, todo } from "./words.js";

const FIGURES = 6;

/** What is to be said of figures that are asked for again ("": nothing). @typedef {{code: string, params?: Record<string, string>}} Said */
/**
 * @typedef {{title: () => string, hint: () => string, take: (pin: string) => Promise<Said | null>, stays?: boolean,
 *   beside?: () => import("./dom.js").Content}} Asked
 *   take: null when the PIN was taken; stays: it cannot be left (a locked screen); beside: what else stands there
 */

/** @param {Asked} asked @returns {Promise<boolean>} false: left without a PIN */
export function askPin({ title, hint, take, stays = false, beside = () => null }) {
  return new Promise((resolve) => {
    const dialog = document.createElement("dialog");
    dialog.className = stays ? "pin pin--lock" : "pin";
    dialog.dataset.pin = "1";
    dialog.setAttribute("aria-labelledby", "pin-title");
    let figures = "";
    let busy = false;
    let taken = false;
    /** @type {Said | null} */
    let said = null;

    const press = async (/** @type {string} */ key) => {
      if (busy) return;
      figures = key === "erase" ? figures.slice(0, -1) : (figures + key).slice(0, FIGURES);
      if (key !== "erase") said = null;
      if (figures.length === FIGURES) {
        busy = true;
        show();
        said = await take(figures);
        figures = "";
        busy = false;
        taken = !said;
        if (taken) return dialog.close();
      }
      show();
    };
    const key = (/** @type {string} */ text) => button({ key: text, onclick: () => press(text) }, text);
    const show = () =>
      draw(dialog, [
        h("div", { class: "dialog__h" }, icon("lock"), h("h2", { id: "pin-title" }, title())),
        h(
          "div",
          { class: "dialog__b" },
          beside(),
          h("p", { key: "hint" }, hint()),
          h("p", { class: "pin__dots", key: "dots", role: "status" }, hidden(t("pin.typed", { n: figures.length })), [...Array(FIGURES)].map((_, i) => h("i", { key: String(i), class: i < figures.length ? "is-on" : null, "aria-hidden": "true" }))),
          said?.code && h("p", { class: "pin__said", key: "said", role: "alert" }, h("b", null, t(said.code, said.params)), " ", todo(said.code, said.params)),
          h("div", { class: "keypad", key: "keys" }, "123456789".split("").map(key), h("span", { key: "gap" }), key("0"), button({ key: "erase", onclick: () => press("erase") }, icon("prev"), hidden(t("do.erase")))),
        ),
        !stays && h("div", { class: "dialog__f" }, button({ onclick: () => dialog.close() }, t("do.cancel"))),
      ]);
    dialog.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (/^[0-9]$/.test(event.key)) press(event.key);
      else if (event.key === "Backspace") press("erase");
    });
    dialog.addEventListener("cancel", (event) => stays && event.preventDefault());
    dialog.addEventListener("close", () => {
      if (stays && !taken) return dialog.showModal(); // a browser closes it at the second Escape whatever the page says
      clearInterval(again);
      dialog.remove();
      resolve(taken);
    });
    const again = setInterval(show, 1000);
    show();
    document.body.append(dialog);
    dialog.showModal();
  });
}
