/**
 * The page where anybody checks a certificate: from a QR link, the camera, a number, a file or a pasted text, with or without a network.
 *
 * What a certificate says never leaves the device: of a document only its random id is sent, to ask the register how it stands.
 */

import { Fault } from "./credential_bytes.js";
import { check, checkJwt, openJwt, verdictOf } from "./credential_check.js";
import { fromFile, fromText, idOf, openQr } from "./credential_read.js";
import { verdict } from "./credential_show.js";
import * as store from "./credential_store.js";
import { draw } from "./dom.js";
import { t } from "./words.js";

/** @typedef {import("./credential_read.js").Found} Found */
/** @typedef {import("./credential_check.js").Verdict} Verdict */

const part = (/** @type {string} */ name) => /** @type {any} */ (document.querySelector(`[data-part=${name}]`));
const LAST = "check.last";

/** What is held to check with; asked for anew with each check. @type {Promise<store.Held>} */
let held = store.trust();
let turn = 0;
/** What was checked last, to be checked again in the other language. @type {string} */
let last = "";

/** @param {store.Held} now */
function holds(now) {
  const kept = "caches" in globalThis;
  const n = now.issuers.length;
  const date = now.made ? new Date(now.made).toLocaleDateString(document.documentElement.lang, { year: "numeric", month: "long", day: "numeric" }) : "";
  part("holds").textContent = n ? t(kept ? "check.holds" : "check.holds_page", { n, date }) : t("check.holds_none");
  part("offline").hidden = now.fresh;
}

/** @param {string} code @param {Record<string, string>} [params] @returns {Verdict} */
const only = (code, params = {}) => ({ verdict: verdictOf(code), code, params, document: null, list: "", status: "unknown", asked: "" });

/** A document's verdict, with all that can be had about it now. @param {any} document @param {(document: any, trust: store.Held, standing: any) => Promise<Verdict>} how */
async function about(document, how) {
  const trust = await held;
  const id = idOf(document);
  const issuer = typeof document?.issuer === "object" ? document?.issuer?.id : document?.issuer;
  const url = document?.credentialStatus?.statusListCredential;
  const ours = trust.issuers.some((one) => one.id === issuer);
  const [standing] = await Promise.all([
    ours && id && trust.fresh && trust.register ? store.standing(id) : null,
    ours && typeof url === "string" ? store.list(trust, url, issuer, trust.fresh) : null,
  ]);
  const found = await how(document, trust, standing);
  return Object.assign(found, { state: standing?.state ?? "" });
}

/** @param {Found} found @returns {Promise<Verdict>} */
async function judged(found) {
  if (found.kind === "number") {
    part("number").value = found.number;
    part("name").focus();
    throw new Fault("");
  }
  if (found.kind === "id") {
    const said = await store.byId(found.id);
    return said ? judged(fromText(said)) : only("number_offline");
  }
  if (found.kind === "qr") return judged({ kind: "document", document: await openQr(found.fragment, store.dictionary) });
  if (found.kind === "jwt") return about(openJwt(found.token).document, (_, trust, standing) => checkJwt(found.token, trust, Date.now(), standing));
  return about(found.document, (document, trust, standing) => check(document, trust, Date.now(), standing));
}

/** Show that something is being checked, then what came of it; a later check overtakes an earlier one. @param {() => Promise<Verdict>} work */
async function shown(work) {
  const mine = ++turn;
  part("working").hidden = false;
  held = store.trust();
  /** @type {Verdict | null} */
  let found = null;
  try {
    found = await work();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    found = error.code ? only(error.code, error.params) : null;
  }
  const trust = await held;
  if (mine !== turn) return;
  part("working").hidden = true;
  holds(trust);
  if (!found) return;
  draw(part("verdict"), verdict(found, trust, Date.now()));
  part("again").hidden = false;
  document.getElementById("check-word")?.focus({ preventScroll: true });
  part("verdict").scrollIntoView({ block: "start" });
}

/** @param {string} text */
function given(text) {
  last = text;
  return shown(async () => judged(fromText(text)));
}

/** @param {File} file */
async function filed(file) {
  await shown(async () => {
    const found = fromFile(new Uint8Array(await file.arrayBuffer())) ?? (await pictured(file));
    last = found.kind === "document" ? JSON.stringify(found.document) : found.kind === "jwt" ? found.token : found.kind === "qr" ? found.fragment : "";
    return judged(found);
  });
}

const detector = () => ("BarcodeDetector" in globalThis ? new /** @type {any} */ (globalThis).BarcodeDetector({ formats: ["qr_code"] }) : null);

/** The QR code in a picture. @param {File} file @returns {Promise<Found>} */
async function pictured(file) {
  const codes = detector() ? await detector().detect(await createImageBitmap(file)) : [];
  if (!codes.length) throw new Fault("no_qr");
  return fromText(codes[0].rawValue);
}

/** @param {string} number @param {string} name */
async function numbered(number, name) {
  await shown(async () => {
    const trust = await held;
    if (!trust.fresh) throw new Fault("number_offline");
    if (!trust.register) throw new Fault("number_elsewhere");
    const found = fromText(number);
    if (found.kind !== "number") return judged(found);
    const told = await store.byNumber(found.number, name);
    return told.document ? judged(fromText(told.document)) : only(told.code, told.params);
  });
}

// ---------------------------------------------------------------- the camera

/** @type {MediaStream | null} */
let stream = null;

function stopScan() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  part("camera").hidden = true;
  part("scan").hidden = false;
}

async function scan() {
  const eye = detector();
  const video = /** @type {HTMLVideoElement} */ (part("video"));
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    return shown(async () => only("no_camera"));
  }
  part("camera").hidden = false;
  part("scan").hidden = true;
  video.srcObject = stream;
  await video.play();
  const mine = stream;
  while (stream === mine) {
    const codes = await eye.detect(video).catch(() => []);
    if (codes.length && stream === mine) {
      stopScan();
      return given(codes[0].rawValue);
    }
    await new Promise((next) => setTimeout(next, 150));
  }
}

// ---------------------------------------------------------------- the page

function clear() {
  last = "";
  turn++;
  history.replaceState(null, "", location.pathname + location.search);
  draw(part("verdict"), []);
  part("again").hidden = true;
  part("working").hidden = true;
  for (const field of document.querySelectorAll("form")) field.reset();
  part("number").focus();
}

/** The other language shows the same certificate again. */
function switching() {
  for (const link of document.querySelectorAll("[data-lang-switch]")) {
    link.addEventListener("click", () => {
      if (last) sessionStorage.setItem(LAST, last);
      if (location.hash) /** @type {HTMLAnchorElement} */ (link).hash = location.hash;
    });
  }
  const kept = sessionStorage.getItem(LAST);
  sessionStorage.removeItem(LAST);
  return kept;
}

function wire() {
  const file = /** @type {HTMLInputElement} */ (part("file"));
  file.addEventListener("change", () => file.files?.[0] && filed(file.files[0]));
  const drop = part("drop");
  for (const name of ["dragenter", "dragover"]) addEventListener(name, (event) => (event.preventDefault(), drop.classList.add("is-over")));
  for (const name of ["dragleave", "drop"]) addEventListener(name, () => drop.classList.remove("is-over"));
  addEventListener("drop", (event) => {
    event.preventDefault();
    const [first] = event.dataTransfer?.files ?? [];
    if (first) filed(first);
    else if (event.dataTransfer?.getData("text")) given(event.dataTransfer.getData("text"));
  });
  part("by-number").addEventListener("submit", (/** @type {Event} */ event) => (event.preventDefault(), numbered(part("number").value, part("name").value)));
  part("by-text").addEventListener("submit", (/** @type {Event} */ event) => (event.preventDefault(), given(part("text").value)));
  part("again").addEventListener("click", clear);
  if (detector() && navigator.mediaDevices) {
    part("scan").hidden = false;
    part("scan-other").hidden = true;
    part("scan").addEventListener("click", scan);
    part("scan-stop").addEventListener("click", stopScan);
  }
  addEventListener("hashchange", () => location.hash && given(location.hash));
  addEventListener("pagehide", stopScan);
}

wire();
const kept = switching();
// A certificate's own address: the server has said so where there is none.
const own = document.querySelector("[data-code]") ? "" : (location.href.match(/\/credentials\/[^/?#]+$/)?.[0] ?? "");
if (location.hash.length > 1) given(location.hash);
else if (kept || own) given(kept || location.origin + own);
held.then((now) => {
  holds(now);
  return store.prepare(now);
});
if (location.protocol === "https:" || location.hostname === "localhost" || location.hostname === "127.0.0.1")
  navigator.serviceWorker?.register("/v-worker.js", { scope: "/v", updateViaCache: "none" }).catch(() => undefined);
