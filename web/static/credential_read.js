/**
 * Finds the certificate in whatever was given: a QR link, a number, JSON, a JWT, a PDF with an attachment, a baked PNG or SVG.
 *
 * Throws a Fault whose code says why not; what is found is not checked here.
 */

import { Fault, fromBase64url, hex, readJson, text } from "./credential_bytes.js";
import { sha256 } from "./credential_hash.js";
import { inflate } from "./credential_inflate.js";

/** @typedef {{kind: "document", document: any} | {kind: "jwt", token: string} | {kind: "number", number: string} | {kind: "qr", fragment: string} | {kind: "id", id: string}} Found */

const LARGEST = 1 << 20;
/** Numbers are as an issuer's template has them: letters, digits, hyphens; at least six digits. */
export const NUMBER = /^(?=(?:[^0-9]*[0-9]){6})[A-Z0-9][A-Z0-9-]{4,58}[A-Z0-9]$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const JWT = /^[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}$/;
export const QR = /^1\.(0|[0-9a-f]{16})\.([A-Za-z0-9_-]*)$/;

/** Full-width letters and digits as typed on a Chinese keyboard, and spaces between groups. @param {string} said */
const plain = (said) => said.normalize("NFKC").replace(/[\s\u200b]/g, "").toUpperCase();

/** What a typed, pasted or scanned text is. @param {string} given @returns {Found} */
export function fromText(given) {
  const said = given.trim();
  if (!said) throw new Fault("no_credential");
  if (said.length > LARGEST) throw new Fault("too_large");
  if (said[0] === "{") return { kind: "document", document: readJson(said) };
  if (JWT.test(said)) return { kind: "jwt", token: said };
  if (UUID.test(said)) return { kind: "id", id: said };
  if (NUMBER.test(plain(said))) return { kind: "number", number: plain(said) };
  return fromLink(said) ?? fail(said.length > 80 ? "unreadable" : "no_credential");
}

/** @param {string} code @returns {never} */
function fail(code) {
  throw new Fault(code);
}

/** A link of a QR code or of a certificate's own page. @param {string} said @returns {Found | null} */
function fromLink(said) {
  if (/^#?1\./.test(said)) return { kind: "qr", fragment: said.replace(/^#/, "") };
  /** @type {URL} */
  let url;
  try {
    url = new URL(said);
  } catch {
    return null;
  }
  const fragment = url.hash.slice(1);
  if (fragment) return { kind: "qr", fragment };
  const id = /\/credentials\/([^/]+)$/.exec(url.pathname)?.[1] ?? "";
  return UUID.test(id) ? { kind: "id", id } : null;
}

/**
 * The document of a QR code. @param {string} fragment
 * @param {(hash: string) => Promise<Uint8Array | null>} dictionary the bytes of a dictionary by how its SHA-256 begins
 */
export async function openQr(fragment, dictionary) {
  const found = QR.exec(fragment.trim());
  if (!found) throw new Fault("qr_damaged");
  const packed = fromBase64url(found[2].length % 4 === 1 ? found[2].slice(0, -1) : found[2], "qr_cut");
  const words = found[1] === "0" ? new Uint8Array() : await dictionary(found[1]);
  if (!words) throw new Fault("dictionary_unknown", { dictionary: found[1] });
  if (found[1] !== "0" && !hex(sha256(words)).startsWith(found[1])) throw new Fault("dictionary_wrong", { dictionary: found[1] });
  const { data, end } = inflate(packed, { dictionary: words });
  if (end !== packed.length) throw new Fault("qr_damaged");
  try {
    return readJson(text(data));
  } catch {
    throw new Fault("qr_damaged");
  }
}

// ---------------------------------------------------------------- files

/** @param {Uint8Array} bytes @param {string} said */
const starts = (bytes, said) => [...said].every((letter, at) => bytes[at] === letter.charCodeAt(0));

/** A file's bytes as one letter per byte, to search in. @param {Uint8Array} bytes */
function letters(bytes) {
  let said = "";
  for (let at = 0; at < bytes.length; at += 8192) said += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return said;
}

/** The certificate in a file, null where a picture has none written into it. @param {Uint8Array} bytes @returns {Found | null} */
export function fromFile(bytes) {
  if (bytes.length > 20 * LARGEST) throw new Fault("too_large");
  if (starts(bytes, "%PDF-")) return fromText(fromPdf(bytes));
  if (starts(bytes, "\u0089PNG")) return fromPng(bytes);
  if (starts(bytes, "\u00ff\u00d8") || starts(bytes, "RIFF")) return null;
  const said = text(bytes).replace(/^\ufeff/, "");
  return /^\s*</.test(said) ? fromSvg(said) : fromText(said);
}

/** The iTXt chunk of a baked badge. @param {Uint8Array} bytes @returns {Found | null} */
function fromPng(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const keyword = "openbadgecredential\0";
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    const chunk = bytes.subarray(at + 8, at + 8 + length);
    if (letters(bytes.subarray(at + 4, at + 8)) === "iTXt" && starts(chunk, keyword)) {
      if (chunk[keyword.length] !== 0) throw new Fault("unreadable");
      const language = chunk.indexOf(0, keyword.length + 2);
      const translated = chunk.indexOf(0, language + 1);
      return fromText(text(chunk.subarray(translated + 1)));
    }
    at += 12 + length;
  }
  return null;
}

/** @param {string} said @returns {Found} */
function fromSvg(said) {
  const jws = /<openbadges:credential\b[^>]*\bverify="([^"]+)"/.exec(said);
  if (jws) return fromText(jws[1]);
  const json = /<openbadges:credential\b[^>]*>\s*<!\[CDATA\[([\s\S]*?)\]\]>/.exec(said);
  if (!json) throw new Fault("no_credential");
  return fromText(json[1]);
}

/** The file attached to a certificate's PDF. @param {Uint8Array} bytes */
function fromPdf(bytes) {
  const said = letters(bytes);
  const stream = /<<((?:(?!>>\s*stream|endobj)[\s\S])*?\/EmbeddedFile\b(?:(?!endobj)[\s\S])*?)>>\s*stream\r?\n/g;
  for (let found = stream.exec(said); found; found = stream.exec(said)) {
    const at = stream.lastIndex;
    const packed = /\/FlateDecode\b/.test(found[1]);
    const data = packed ? inflate(bytes, { at: at + 2, limit: LARGEST }).data : bytes.subarray(at, said.indexOf("endstream", at));
    if (/^\s*\{/.test(letters(data.subarray(0, 20)))) return text(data);
  }
  throw new Fault("no_credential");
}

/** Where a document says that it is: the last part of its id. @param {any} document */
export function idOf(document) {
  const id = String(document?.id ?? "").split("/").pop() ?? "";
  return UUID.test(id) ? id : "";
}

/** What a scanned text may be, "" where it is nothing of ours. @param {string} said */
export function isOurs(said) {
  try {
    fromText(said);
    return true;
  } catch (error) {
    return error instanceof Fault && error.code !== "no_credential";
  }
}
