/**
 * Pictures pinned to values: taken, kept on this tablet, named by the mark, and brought to the server after all marks went.
 *
 * A database of its own holds them. One is let go when the server has it and no kept record names it any more.
 */

import { button, draw, h, hidden, icon } from "./dom.js";
import { plain, reduced, sha256 } from "./picture.js";
import { signedForm } from "./seat_cold.js";
import { t } from "./words.js";

/** @typedef {import("./seat.js").App} App */
/** @typedef {Record<string, any>} Sheet */
/** @typedef {Record<string, any>} Aspect */
/** @typedef {{sha: string, data: Uint8Array, thumb: string, sent: boolean}} Picture */

const MOST = 8;
/** After a refusal that may pass (the mark is on its way back to a restored server, say). */
const AGAIN_AFTER = 30_000;
/** What the server says of a picture that it will never take. */
const NEVER = ["picture.kind", "too_large"];

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
const asked = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

export class Pictures {
  /** @param {App} app @param {IDBDatabase} base @param {Picture[]} kept */
  constructor(app, base, kept) {
    this.app = app;
    this.base = base;
    /** @type {Map<string, Picture>} */
    this.kept = new Map(kept.map((one) => [one.sha, one]));
    this.busy = false;
    this.pauseUntil = 0;
    /** what went wrong with the last one taken, "" for nothing */
    this.problem = "";
    this.restored = null;
    /** the browser forgets an input that nobody holds @type {HTMLInputElement | null} */
    this.input = null;
  }

  /** @param {App} app @param {string} name of the tablet's database */
  static async open(app, name) {
    const request = indexedDB.open(`compsys-pictures:${name}`, 1);
    request.onupgradeneeded = () => request.result.createObjectStore("pictures", { keyPath: "sha" });
    const base = await asked(request);
    base.onversionchange = () => base.close();
    return new Pictures(app, base, await asked(base.transaction("pictures").objectStore("pictures").getAll()));
  }

  /** @param {(held: IDBObjectStore) => void} work @returns {Promise<void>} */
  #write(work) {
    return new Promise((resolve, reject) => {
      const writing = this.base.transaction("pictures", "readwrite", { durability: "strict" });
      writing.oncomplete = () => resolve();
      writing.onabort = () => reject(writing.error ?? new Error("aborted"));
      work(writing.objectStore("pictures"));
    });
  }

  // ------------------------------------------------------------ taking

  /** Ask for a picture and pin it. @param {Sheet} sheet @param {Aspect} aspect */
  take(sheet, aspect) {
    const { seat } = this.app;
    const input = Object.assign(document.createElement("input"), { type: "file", accept: "image/*" });
    input.setAttribute("capture", "environment");
    input.onchange = () => input.files?.[0] && this.pin(sheet, aspect, seat, input.files[0]);
    this.input = input;
    input.click();
  }

  /** Keep a picture first, then the mark that names it. @param {Sheet} sheet @param {Aspect} aspect @param {string} seat @param {Blob} file */
  async pin(sheet, aspect, seat, file) {
    this.problem = "";
    try {
      const { data, thumb } = await reduced(file).catch(() => Promise.reject(new Error("picture.bad")));
      const sha = sha256(data);
      const picture = { sha, data, thumb, sent: false };
      await this.#write((held) => held.put(picture)).catch(() => Promise.reject(new Error("seat.not_saved")));
      this.kept.set(sha, picture);
      const files = this.app.model.cell(sheet, aspect, seat).files;
      if (!files.includes(sha) && !this.app.pin(sheet, aspect, seat, [...files, sha])) this.problem = "picture.closed";
    } catch (error) {
      this.problem = /** @type {Error} */ (error).message;
    }
    this.app.changed();
  }

  // ------------------------------------------------------------ bringing

  /** The digests that kept records name, and those of marks that wait. */
  #named() {
    const all = new Set();
    const waiting = new Set();
    for (const { cmd, answer, again } of this.app.model.records)
      for (const sha of cmd.files ?? []) {
        all.add(sha);
        if (!answer || again) waiting.add(sha);
      }
    return { all, waiting };
  }

  /** Once a second: bring the next one, when every mark has gone. */
  async tick() {
    const { app } = this;
    if (app.ui.restored && app.ui.restored !== this.restored) for (const one of this.kept.values()) one.sent = false;
    this.restored = app.ui.restored;
    if (this.busy || !this.kept.size || !app.link.up || app.model.pending.length || performance.now() < this.pauseUntil) return;
    const { all, waiting } = this.#named();
    const next = [...this.kept.values()].find((one) => !one.sent && !waiting.has(one.sha));
    if (next) {
      this.busy = true;
      await this.#bring(next).catch(() => (this.pauseUntil = performance.now() + AGAIN_AFTER));
      this.busy = false;
      app.changed();
    }
    const spent = [...this.kept.values()].filter((one) => one.sent && !all.has(one.sha) && !this.#stands(one.sha));
    if (!spent.length) return;
    for (const { sha } of spent) this.kept.delete(sha);
    await this.#write((held) => spent.forEach(({ sha }) => held.delete(sha))).catch(() => undefined);
  }

  /** Whether a sheet that can still be drawn shows a picture. @param {string} sha */
  #stands(sha) {
    for (const sheet of this.app.model.sheets.values()) if (Object.values(sheet.aspects).some((/** @type {any} */ view) => view.files?.includes(sha))) return true;
    return false;
  }

  /** @param {Picture} picture */
  async #bring(picture) {
    const headers = { "content-type": "image/jpeg", accept: "application/json", "x-compsys-form": await signedForm(this.app.lock.known?.form ?? "") };
    const answer = await fetch("/seat/evidence", { method: "POST", headers, body: /** @type {any} */ (plain(picture.data)) });
    const told = await answer.json();
    const never = NEVER.includes(told.code);
    if (!answer.ok && !never) throw new Error(told.code);
    if (never) this.problem = told.code;
    picture.sent = true;
    await this.#write((held) => held.put(picture));
  }

  // ------------------------------------------------------------ drawing

  /** The key that takes a picture. @param {Sheet} sheet @param {Aspect} aspect */
  key(sheet, aspect) {
    const full = this.app.model.cell(sheet, aspect, this.app.seat).files.length >= MOST;
    return button({ look: "small", class: "notebtn", key: "picture", why: full ? "1" : "", onclick: () => !full && this.take(sheet, aspect) }, icon("camera"), hidden(t("picture.take")));
  }

  /** The pictures of a value, each with how far it has come; what went wrong. @param {Sheet} sheet @param {Aspect} aspect @param {boolean} shut */
  strip(sheet, aspect, shut) {
    const files = this.app.model.cell(sheet, aspect, this.app.seat).files;
    if (!files.length && !this.problem) return null;
    return h(
      "div",
      { class: "pictures", key: "pictures" },
      files.map((sha, at) => this.#one(sheet, aspect, sha, at + 1, shut)),
      this.problem && h("p", { class: "st st--stop", key: "problem", role: "alert" }, icon("octagon"), t(this.problem)),
    );
  }

  /** @param {string} sha */
  #source(sha) {
    return this.kept.get(sha)?.thumb ?? `/seat/evidence/${sha}`;
  }

  /** @param {Sheet} sheet @param {Aspect} aspect @param {string} sha @param {number} n @param {boolean} shut */
  #one(sheet, aspect, sha, n, shut) {
    const here = this.kept.get(sha);
    const there = !here || here.sent;
    return h(
      "figure",
      { class: "picture", key: sha },
      h("button", { type: "button", class: "picture__key", onclick: () => this.#show(sheet, aspect, sha, n, shut) }, h("img", { src: this.#source(sha), alt: t("picture.nth", { n }) })),
      h("figcaption", { class: there ? "ok" : "wait" }, icon(there ? "double-check" : "saved"), t(there ? "picture.there" : "say.saved")),
    );
  }

  /** Large, with the way to take it off. @param {Sheet} sheet @param {Aspect} aspect @param {string} sha @param {number} n @param {boolean} shut */
  #show(sheet, aspect, sha, n, shut) {
    const dialog = document.createElement("dialog");
    dialog.className = "picture__large";
    dialog.setAttribute("aria-labelledby", "picture-title");
    const { seat } = this.app;
    const off = () => {
      this.app.pin(sheet, aspect, seat, this.app.model.cell(sheet, aspect, seat).files.filter((one) => one !== sha));
      dialog.close();
    };
    draw(dialog, [
      h("div", { class: "dialog__h" }, h("h2", { id: "picture-title" }, sheet.code, " ", this.app.title(aspect), " ", hidden(t("picture.nth", { n })))),
      h("div", { class: "dialog__b" }, h("img", { src: this.kept.get(sha)?.sent === false ? this.#source(sha) : `/seat/evidence/${sha}`, alt: t("picture.nth", { n }) })),
      h("div", { class: "dialog__f" }, button({ look: "main", onclick: () => dialog.close() }, t("picture.close")), !shut && button({ onclick: off }, icon("erase"), t("picture.off"))),
    ]);
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }
}
