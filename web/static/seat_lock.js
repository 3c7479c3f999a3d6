/**
 * Keeps the tablet its judge's: the PIN, the proof for a signature, the lock after minutes untouched, what was half-typed.
 *
 * The screen unlocks without a server by three hex of a salted hash kept in the tablet's database: enough to turn away a hand that
 * picks the tablet up (one in 4,096), too little to find the PIN by. A signature is proved by the server alone.
 */

import { askPin } from "./seat_pin.js";
import { sealOf } from "./seat_model.js";
import { AS, signedForm } from "./seat_cold.js";
import { bringAll, others } from "./seat_later.js";
import { LIVE } from "./seat_practice.js";
import { newKey } from "./outbox.js";
import { button, h, icon } from "./dom.js";
import { t } from "./words.js";

/** @typedef {import("./seat.js").App} App */
/** @typedef {import("./seat_pin.js").Said} Said */
/** What is known of the PIN, kept in the tablet's database. @typedef {{set: boolean, asked: boolean, minutes: number, form: string, salt?: string, part?: string, wrong?: number}} Known */

export const TRIES = 5;
/** What the server says of a PIN besides refusals of commands. */
const SAID = ["pin.wrong", "pin.locked", "pin.missing", "pin.shape", "pin.weak"];

/** @param {string} salt @param {string} pin */
export const partOf = (salt, pin) => sealOf([salt, pin, salt]).digest.slice(4, 7);

export class Lock {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    /** the page's clock for idleness, in milliseconds; a test sets it */
    this.now = () => performance.now();
    this.touched = this.now();
    /** @type {Known | null} */
    this.known = null;
    this.locked = false;
    this.kept = "";
    this.wanted = false;
    for (const name of ["pointerdown", "keydown"]) addEventListener(name, () => (this.touched = this.now()), { capture: true, passive: true });
  }

  /** What was kept: the PIN's facts, half-typed values, reasons and notes, and whether the screen was locked. @param {Record<string, any>} prefs */
  restore(prefs) {
    const { ui } = this.app;
    this.known = LIVE ? null : (prefs.pin ?? null);
    for (const name of ["pads", "said", "drafts"]) ui[name] = new Map(prefs[name] ?? []);
    this.kept = JSON.stringify(this.drafts);
    if (prefs.locked && this.known?.set) this.lock();
  }

  /** What is kept beside the judge's place. */
  get drafts() {
    const { ui } = this.app;
    return { pads: [...ui.pads], said: [...ui.said], drafts: [...ui.drafts], locked: this.locked, pin: this.known };
  }

  /** Keep what is half-typed, when it changed. */
  keep() {
    const now = JSON.stringify(this.drafts);
    if (now === this.kept || !this.app.started) return;
    this.kept = now;
    this.app.remember();
  }

  /** Ask the server what holds for this seat; offline what was known holds. */
  async ask() {
    if (LIVE) return;
    const answer = await fetch(`/seat/pin${AS}`).catch(() => null);
    if (!answer?.ok) return;
    const fresh = await answer.json();
    const same = this.known?.set && fresh.set ? this.known : {};
    this.known = { ...same, ...fresh };
    this.keep();
    if (fresh.asked && !fresh.set && !this.wanted) {
      this.wanted = true;
      await this.choose();
    }
    this.app.changed();
  }

  /** @param {string} path @param {Record<string, string>} body @returns {Promise<any>} with `code` when it was refused; null without a line */
  async #post(path, body) {
    const headers = { "content-type": "application/json", accept: "application/json", "x-compsys-form": await signedForm(this.known?.form ?? "") };
    const answer = await fetch(path + AS, { method: "POST", headers, body: JSON.stringify(body) }).catch(() => null);
    const told = answer && (await answer.json().catch(() => ({ code: "malformed" })));
    // A device that was turned away hears it where its marks do; here there is just no line.
    return told && (!told.code || SAID.includes(told.code) || told.code === "pin_stands") ? told : null;
  }

  /** The PIN was right: remember enough of it to unlock the screen without a line. @param {string} pin */
  #learn(pin) {
    const salt = newKey();
    this.known = { ...(/** @type {Known} */ (this.known)), set: true, salt, part: partOf(salt, pin), wrong: 0 };
    this.keep();
  }

  /** The judge chooses a PIN, twice the same. @returns {Promise<boolean>} */
  async choose() {
    let first = "";
    const done = await askPin({
      title: () => t(first ? "pin.again" : "pin.choose"),
      hint: () => t("pin.choose_hint"),
      take: async (pin) => {
        if (!first) {
          first = pin;
          return { code: "" };
        }
        const differs = first !== pin;
        first = "";
        if (differs) return { code: "pin.differs" };
        const told = await this.#post("/seat/pin/choose", { pin });
        if (!told) return { code: "pin.no_line" };
        if (told.code) return told;
        this.#learn(pin);
        return null;
      },
    });
    this.app.changed();
    return done;
  }

  /** A ticket for a signature: "" where none is asked, null when the judge left it. @param {string} k @param {string} seat @returns {Promise<string | null>} */
  async ticket(k, seat) {
    if (!this.known?.asked) return "";
    if (!this.known.set && seat === this.app.model.me && !(await this.choose())) return null;
    let ticket = null;
    // Whose PIN it is: at a panel's tablet the lead countersigns after the others, whoever was last in hand.
    const label = (this.app.sheet && this.app.model.label(this.app.sheet, seat)) || this.app.seatLabel;
    await askPin({
      title: () => t("pin.sign", { seat: label }),
      hint: () => t("pin.sign_hint"),
      take: async (pin) => {
        const told = this.app.link.up ? await this.#post("/seat/pin", { pin, k, seat }) : null;
        if (!told) return { code: "pin.no_line" };
        if (told.code === "pin.missing" && seat !== this.app.model.me) return { code: "panel.no_pin", params: { seat: label } };
        if (told.code) return told;
        ticket = told.ticket;
        if (seat === this.app.model.me) this.#learn(pin);
        return null;
      },
    });
    return ticket;
  }

  /** Once a second. */
  tick() {
    const { known } = this;
    if (known?.set && known.minutes && !this.locked && this.now() - this.touched >= known.minutes * 60_000) this.lock();
    this.keep();
  }

  /** Hide everything until the PIN is typed; what is half-typed stays. */
  async lock() {
    if (this.locked) return;
    this.locked = true;
    // Where somebody was writing it is shown again afterwards, with the words; until then it is nowhere on the page.
    /** @type {HTMLDialogElement[]} */
    const writing = [];
    for (const dialog of /** @type {NodeListOf<HTMLDialogElement>} */ (document.querySelectorAll("dialog[open]:not([data-pin])"))) {
      if (dialog.dataset.words) {
        dialog.dataset.locked = "1";
        writing.push(dialog);
      }
      dialog.close();
      dialog.remove();
    }
    this.app.changed();
    // Somebody else of this tablet may want it now, with or without a line.
    bringAll(this.app).catch(() => undefined);
    const { model } = this.app;
    await askPin({
      title: () => t("pin.locked_title", { seat: model.hello?.seat.label ?? "" }),
      hint: () => t("pin.unlock_hint"),
      stays: true,
      beside: () => [
        h("p", { class: "q", key: "pending" }, t("link.pending", { n: model.pending.length })),
        this.app.shared && button({ key: "others", onclick: () => others(this.app) }, icon("people"), t("share.change")),
      ],
      take: (pin) => this.#unlocks(pin),
    });
    this.locked = false;
    this.touched = this.now();
    this.keep();
    this.app.changed();
    for (const dialog of writing) {
      delete dialog.dataset.locked;
      document.body.append(dialog);
      dialog.showModal();
    }
  }

  /** @param {string} pin @returns {Promise<Said | null>} */
  async #unlocks(pin) {
    const told = this.app.link.up ? await this.#post("/seat/pin", { pin }) : null;
    if (told && !told.code) {
      this.#learn(pin);
      return null;
    }
    if (told?.code === "pin.missing") {
      this.known = { ...(/** @type {Known} */ (this.known)), set: false };
      return null; // the office took it away: there is nothing to ask for
    }
    if (told) return told;
    const { salt, part, wrong = 0 } = /** @type {Known} */ (this.known);
    if (!salt || wrong >= TRIES) return { code: "pin.no_line" };
    const right = partOf(salt, pin) === part;
    this.known = { ...(/** @type {Known} */ (this.known)), wrong: right ? 0 : wrong + 1 };
    this.keep();
    return right ? null : { code: "pin.wrong", params: { left: String(TRIES - wrong - 1) } };
  }
}
