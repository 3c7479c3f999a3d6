/**
 * Lets several judges share a tablet: says who is here and what of them waits, and changes over to another one by that judge's PIN.
 *
 * A page is one seat's for as long as it is open. Changing over loads it anew, so nothing of the judge before is left on the screen or
 * in memory; what that judge gave and what waits to be sent stays in that seat's own database.
 */

import { button, draw, h, icon, named } from "./dom.js";
import { forget, held, note, read, refresh, register, seats } from "./seat_beside.js";
import { Bringer } from "./seat_bring.js";
import { asked } from "./outbox.js";
import { AS, asSeat, keptAt, putToWork, signedForm, storeName } from "./seat_cold.js";
import { partOf, TRIES } from "./seat_lock.js";
import { askPin } from "./seat_pin.js";
import { LIVE } from "./seat_practice.js";
import { t, todo } from "./words.js";

/** @typedef {import("./seat.js").App} App */
/** @typedef {import("./seat_beside.js").Seat} Seat */
/** @typedef {import("./seat_pin.js").Said} Said */

/** @type {Bringer | null} */
let bringer = null;

/** Begin, once: this seat is one of the tablet's; what the others have not sent is brought. @param {App} app */
export function attend(app) {
  if (LIVE || bringer || !app.model.hello) return;
  const look = async () => {
    app.shared = (await seats()).length > 1;
  };
  bringer = new Bringer(app, () => refresh().then(look));
  register(app.model.hello).then(look).catch(() => undefined);
  setInterval(() => bringer?.tick().catch(() => undefined), 1000);
}

/** Where the page comes from when it is loaded anew, "" when nobody has it now. @returns {Promise<string>} */
async function address() {
  if (await held()) return "/seat";
  if (location.protocol === "https:") return (await (await import("./secure.js")).look().catch(() => false)) ? "/seat" : "";
  const kept = keptAt();
  return kept && (await fetch(kept, { cache: "force-cache" }).catch(() => null))?.ok ? kept : "";
}

/** The page of another seat takes this one's place, once all that was written is on the disk. @param {App} app @param {string} store @param {string} to */
async function onward(app, store, to) {
  app.lock.keep();
  if (app.outbox) await asked(app.outbox.base.transaction(["meta", "records"]).objectStore("meta").get("boot")).catch(() => undefined);
  app.leaving = true;
  putToWork(store);
  // What is on the screen goes at once, however long the other page takes.
  document.body.replaceChildren();
  location.replace(to);
}

/** Whether a PIN is the one of another seat: the server says so, or without it the little that the tablet keeps. @param {Seat} seat @param {string} pin @returns {Promise<Said | null>} */
async function proves(seat, pin) {
  const named = asSeat(seat.store);
  const form = (await held())?.find(({ store }) => store === seat.store)?.form;
  if (form) {
    const headers = { "content-type": "application/json", accept: "application/json", "x-compsys-form": await signedForm(form, seat.store) };
    const answer = await fetch(`/seat/pin${named}`, { method: "POST", headers, body: JSON.stringify({ pin }) }).catch(() => null);
    const told = answer && (await answer.json().catch(() => null));
    if (told) return told.code && told.code !== "pin.missing" ? told : null;
  }
  const known = (await read(seat.store)).pin;
  const wrong = known?.wrong ?? 0;
  if (!known?.salt || wrong >= TRIES) return { code: "pin.no_line" };
  if (partOf(known.salt, pin) === known.part) return null;
  await note(seat.store, { wrong: wrong + 1 }, true);
  return { code: "pin.wrong", params: { left: String(TRIES - wrong - 1) } };
}

/** What the list shows of the tablet's seats. @typedef {{seat: Seat, n: number, pin: boolean}} Row */

/** @param {App} app @returns {Promise<Row[]>} */
async function rows(app) {
  const found = [];
  for (const seat of await seats()) {
    const mine = seat.store === storeName();
    const { waiting, pin } = mine ? { waiting: app.model.pending, pin: app.lock.known } : await read(seat.store);
    // Either says so: the server was perhaps asked before the PIN was chosen, and is away since.
    found.push({ seat, n: waiting.length, pin: seat.pin || pin?.set === true });
  }
  return found;
}

/** Who is at this tablet, and who takes it over. @param {App} app */
export async function choose(app) {
  const dialog = document.createElement("dialog");
  dialog.className = "share";
  dialog.dataset.pin = "1";
  dialog.setAttribute("aria-labelledby", "share-title");
  /** @type {Row[]} */
  let all = [];
  let said = "";
  let sure = false;

  const look = async () => {
    all = await rows(app);
    show();
  };
  const take = async (/** @type {Row} */ row) => {
    const to = await address();
    if (!to) {
      said = "share.not_kept";
      return show();
    }
    const { seat } = row;
    const title = () => t("share.pin", { seat: seat.label });
    if (row.pin && !(await askPin({ title, hint: () => t("share.pin_hint", { seat: seat.label }), take: (pin) => proves(seat, pin) }))) return;
    await note(seat.store, { wrong: 0 }, false).catch(() => undefined);
    await onward(app, seat.store, to);
  };
  const leave = async (/** @type {Row} */ mine) => {
    if (!sure) {
      sure = true;
      return show();
    }
    const form = (await held())?.find(({ store }) => store === mine.seat.store)?.form ?? "";
    const answer = await fetch(`/seat/leave${AS}`, { method: "POST", headers: { accept: "application/json", "x-compsys-form": await signedForm(form) } }).catch(() => null);
    if (answer?.ok) {
      await forget(mine.seat);
      const next = all.find(({ seat }) => seat !== mine.seat && seat.standing === "active");
      return onward(app, next?.seat.store ?? "", "/seat");
    }
    said = (answer && (await answer.json().catch(() => null)))?.code ?? "share.no_line";
    sure = false;
    show();
  };
  const row = (/** @type {Row} */ one) => {
    const { seat, n } = one;
    const mine = seat.store === storeName();
    const gone = seat.standing && seat.standing !== "active";
    const look = gone ? ["tablet", t(n ? "share.gone_unsent" : "share.gone", { n })] : n ? ["clock", t("share.unsent", { n })] : ["double-check", t("share.sent")];
    return h(
      "button",
      { type: "button", class: "btn share__seat", key: seat.store, "aria-current": mine ? "true" : null, disabled: seat.standing === "revoked" || null, onclick: () => (mine ? dialog.close() : take(one)) },
      h("b", null, t("seat.label", { seat: seat.label })),
      h("span", { class: "grow" }, named(seat.trade), seat.role !== "judge" && [t("ui.list_comma"), t(`role.${seat.role}`)]),
      mine && h("span", { class: "st st--ok" }, icon("disc"), t("share.now")),
      h("span", { class: n ? "st st--warn" : "st q" }, icon(look[0]), look[1]),
    );
  };
  const show = () => {
    const mine = all.find(({ seat }) => seat.store === storeName());
    const label = mine?.seat.label ?? "";
    draw(dialog, [
      h("div", { class: "dialog__h" }, icon("people"), h("h2", { id: "share-title" }, t("share.title"))),
      h(
        "div",
        { class: "dialog__b" },
        h("div", { class: "picklist" }, all.map(row)),
        said && h("p", { class: "pin__said", key: "said", role: "alert" }, h("b", null, t(said, { n: mine?.n ?? 0 })), " ", todo(said)),
        mine && mine.n > 0 && all.length > 1 && h("p", { key: "stays" }, t("share.stays", { n: mine.n, seat: label })),
        h("p", { class: "q", key: "add" }, t("share.add")),
      ),
      h(
        "div",
        { class: "dialog__f" },
        button({ key: "close", look: "main", onclick: () => dialog.close() }, t("do.cancel")),
        mine && !app.lock.locked && button({ key: "leave", look: sure ? "stop" : "quiet", why: mine.n ? "1" : "", onclick: () => !mine.n && leave(mine) }, mine.n ? t("share.leave_unsent", { seat: label, n: mine.n }) : t(sure ? "share.leave_sure" : "share.leave", { seat: label })),
      ),
    ]);
  };
  const again = setInterval(() => look().catch(() => undefined), 2000);
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  dialog.addEventListener("close", () => {
    clearInterval(again);
    dialog.remove();
  });
  await look();
  document.body.append(dialog);
  dialog.showModal();
  if (app.link.up) await refresh().catch(() => undefined);
  await look();
}
