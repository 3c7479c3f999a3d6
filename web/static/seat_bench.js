/**
 * Holds the bench in front of the judge against the competitor on the screen: by its printed code, or typed where there is no camera.
 */

import { button, draw, h, hidden, icon, message } from "./dom.js";
import { t } from "./words.js";

/** @typedef {import("./seat.js").App} App */
/** @typedef {Record<string, any>} Sheet */

const RIGHT_FOR = 6_000;
const LOOK_EVERY = 250;

/** Browsers read codes over TLS only, and not all of them. @returns {any} */
const reader = () => /** @type {any} */ (globalThis).BarcodeDetector;
const sees = () => Boolean(reader() && navigator.mediaDevices?.getUserMedia);

/** What was typed or read, as stations are compared: "bench:cooking/07" and " 7" are 7. @param {string} text */
export function plainStation(text) {
  const last = text.normalize("NFKC").trim().replace(/^bench:[^/]*\//i, "");
  return last.toUpperCase().replace(/^0+(?=[0-9])/, "");
}

/** The trade that a code names, "" where none. @param {string} text */
const tradeOf = (text) => /^bench:([^/]*)\//i.exec(text.trim())?.[1] ?? "";

export class Benches {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    /** what the last look came to @type {{kind: "right" | "other" | "nobody", station: string, code: string, unit: string, at: string, until: number} | null} */
    this.last = null;
  }

  /** Whether stations are known where the judge is. */
  get known() {
    return Boolean(this.app.sheet?.station);
  }

  /** A bench was read or typed. @param {string} text */
  found(text) {
    const { app } = this;
    const here = app.sheet;
    const [trade] = (app.model.hello?.stream ?? "").split(".");
    const station = plainStation(text);
    if (!here || !station) return;
    const foreign = tradeOf(text) && tradeOf(text) !== trade;
    const [unit, sheets] = (!foreign && app.model.units(app.ui.session).find(([, all]) => plainStation(all[0].station) === station)) || ["", []];
    const kind = !unit ? "nobody" : unit === here.unit ? "right" : "other";
    this.last = { kind, station, code: sheets[0]?.code ?? "", unit, at: here.unit, until: kind === "right" ? performance.now() + RIGHT_FOR : Infinity };
    // In the list nobody is being marked: the bench says who is next.
    if (kind === "other" && app.ui.view === "sheets") this.go();
    app.changed();
  }

  /** To the competitor of the bench. */
  go() {
    const { last, app } = this;
    if (!last) return;
    this.last = { ...last, kind: "right", at: last.unit, until: performance.now() + RIGHT_FOR };
    app.goUnit(last.unit);
    if (app.ui.view === "sheets") app.show(app.ui.entry);
    app.changed();
  }

  put() {
    this.last = null;
    this.app.changed();
  }

  /** The band across the page, until somebody says so or is at another competitor. */
  banner() {
    const { last, app } = this;
    if (!last || last.until < performance.now() || app.sheet?.unit !== last.at) return null;
    const params = { station: last.station, code: last.code, here: app.sheet.code };
    if (last.kind === "right") return h("div", { class: "msgs benchband", key: "bench" }, message("ok", t("bench.right", params), { live: "status", key: "bench" }));
    return h(
      "div",
      { class: "benchband benchband--stop", key: "bench", role: "alert" },
      icon("octagon"),
      h("div", { class: "grow" }, h("p", { class: "xl" }, h("b", null, t(`bench.${last.kind}`, params))), h("p", null, t("bench.screen", params))),
      last.kind === "other" && button({ look: "main", key: "go", onclick: () => this.go() }, t("bench.go", params), icon("next")),
      button({ key: "stay", onclick: () => this.put() }, t("bench.stay", params)),
    );
  }

  /** The key beside an aspect's title, or in the list. @param {boolean} small */
  key(small) {
    return this.known && button({ ...(small && { look: "small", class: "notebtn" }), key: "bench", onclick: () => this.ask() }, icon("search"), small ? hidden(t("bench.check")) : t("bench.check"));
  }

  /** Ask for the bench: with the camera where the browser reads codes, and by its word in any case. */
  ask() {
    const dialog = document.createElement("dialog");
    dialog.setAttribute("aria-labelledby", "bench-title");
    const field = () => /** @type {HTMLInputElement} */ (dialog.querySelector("input"));
    const take = () => {
      const text = field().value;
      dialog.close();
      if (text.trim()) this.found(text);
    };
    draw(dialog, [
      h("div", { class: "dialog__h" }, icon("search"), h("h2", { id: "bench-title" }, t("bench.check"))),
      h(
        "div",
        { class: "dialog__b" },
        sees() && h("video", { class: "benchcam", playsinline: true, muted: true, "aria-label": t("bench.camera") }),
        h("div", { class: "field" }, h("label", { for: "bench-station" }, t("bench.typed")), h("input", { id: "bench-station", autocomplete: "off", autocapitalize: "characters", maxlength: "60" })),
      ),
      h("div", { class: "dialog__f" }, button({ look: "main", onclick: take }, t("bench.compare")), button({ onclick: () => dialog.close() }, t("do.cancel"))),
    ]);
    dialog.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter" && event.target === field()) take();
    });
    const over = new AbortController();
    dialog.addEventListener("close", () => {
      over.abort();
      dialog.remove();
    });
    document.body.append(dialog);
    dialog.showModal();
    field().focus();
    const video = dialog.querySelector("video");
    if (video) this.#watch(video, dialog, over.signal).catch(() => video.remove()); // no camera, or nobody lets us: typed then
  }

  /** @param {HTMLVideoElement} video @param {HTMLDialogElement} dialog @param {AbortSignal} over */
  async #watch(video, dialog, over) {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    const stop = () => stream.getTracks().forEach((track) => track.stop());
    if (over.aborted) return stop();
    over.addEventListener("abort", stop);
    video.srcObject = stream;
    await video.play();
    const eye = new (reader())({ formats: ["qr_code"] });
    while (!over.aborted) {
      const found = (await eye.detect(video)).find((/** @type {any} */ one) => /^bench:/i.test(one.rawValue));
      if (found && !over.aborted) {
        dialog.close();
        this.found(found.rawValue);
        return;
      }
      await new Promise((later) => setTimeout(later, LOOK_EVERY));
    }
  }
}
