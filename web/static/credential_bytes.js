/**
 * Bytes and texts of a signed document: base64url, base58, a strict JSON reader, and the one way to write a document (RFC 8785).
 *
 * Every refusal is a Fault with a code of the catalogue. The same rules as compsys/credentials: a name twice in one object, a number
 * with a fraction, half a surrogate pair are refused, since two readers could see two documents in them.
 */

/** A reason why something cannot be read: its code and what its sentence names. */
export class Fault extends Error {
  /** @param {string} code @param {Record<string, string>} [params] */
  constructor(code, params = {}) {
    super(code);
    this.code = code;
    this.params = params;
  }
}

export const utf8 = (/** @type {string} */ text) => new TextEncoder().encode(text);

/** @param {Uint8Array} bytes @param {string} [code] */
export function text(bytes, code = "unreadable") {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Fault(code);
  }
}

/** @param {...Uint8Array} parts */
export function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @param {Uint8Array} bytes */
export const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const VALUES = new Map([...LETTERS].map((letter, value) => [letter, value]));

/** base64url without padding, read strictly: no other letter, no left-over bits. @param {string} said @param {string} [code] */
export function fromBase64url(said, code = "unreadable") {
  if (said.length % 4 === 1) throw new Fault(code);
  const out = new Uint8Array(Math.floor((said.length * 3) / 4));
  let held = 0;
  let bits = 0;
  let at = 0;
  for (const letter of said) {
    const value = VALUES.get(letter);
    if (value === undefined) throw new Fault(code);
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out[at++] = (held >> bits) & 255;
    }
  }
  if (held & ((1 << bits) - 1)) throw new Fault(code);
  return out;
}

/** @param {Uint8Array} bytes */
export function toBase64url(bytes) {
  let said = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const group = (bytes[at] << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    said += LETTERS[group >> 18] + LETTERS[(group >> 12) & 63];
    if (at + 1 < bytes.length) said += LETTERS[(group >> 6) & 63];
    if (at + 2 < bytes.length) said += LETTERS[group & 63];
  }
  return said;
}

const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** base58btc. @param {string} said @param {string} [code] */
export function fromBase58(said, code = "unreadable") {
  /** @type {number[]} */
  const out = [];
  for (const letter of said) {
    let carry = BASE58.indexOf(letter);
    if (carry < 0) throw new Fault(code);
    for (let at = 0; at < out.length; at++) {
      carry += out[at] * 58;
      out[at] = carry & 255;
      carry >>= 8;
    }
    while (carry) {
      out.push(carry & 255);
      carry >>= 8;
    }
  }
  for (let at = 0; said[at] === "1"; at++) out.push(0);
  return Uint8Array.from(out.reverse());
}

const DEEPEST = 31;
const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const HALF = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** A JSON text as a document; what could be read in two ways is refused. @param {string} said @returns {any} */
export function readJson(said) {
  let at = 0;
  const take = (/** @type {RegExp} */ pattern) => {
    pattern.lastIndex = at;
    const found = pattern.exec(said);
    if (found) at = pattern.lastIndex;
    return found?.[0];
  };
  const mark = (/** @type {string} */ wanted) => {
    take(SPACE);
    if (said[at] !== wanted) return false;
    at++;
    return true;
  };
  const string = () => {
    take(SPACE);
    const found = take(STRING);
    if (found === undefined) throw new Fault("unreadable");
    const value = JSON.parse(found);
    if (HALF.test(value)) throw new Fault("unreadable");
    return value;
  };
  /** @param {number} depth @returns {any} */
  const value = (depth) => {
    if (depth > DEEPEST) throw new Fault("unreadable");
    if (mark("{")) return object(depth);
    if (mark("[")) return array(depth);
    if (said[at] === '"') return string();
    for (const [word, one] of /** @type {[string, any][]} */ ([["true", true], ["false", false], ["null", null]])) {
      if (said.startsWith(word, at)) {
        at += word.length;
        return one;
      }
    }
    const number = take(NUMBER);
    if (number === undefined || !/^-?[0-9]+$/.test(number) || number === "-0" || !Number.isSafeInteger(Number(number))) throw new Fault("unreadable");
    return Number(number);
  };
  /** @param {number} depth */
  const object = (depth) => {
    const names = new Set();
    const pairs = [];
    if (mark("}")) return {};
    do {
      const name = string();
      if (names.has(name)) throw new Fault("name_twice", { name });
      names.add(name);
      if (!mark(":")) throw new Fault("unreadable");
      pairs.push([name, value(depth + 1)]);
    } while (mark(","));
    if (!mark("}")) throw new Fault("unreadable");
    return Object.fromEntries(pairs);
  };
  /** @param {number} depth */
  const array = (depth) => {
    /** @type {any[]} */
    const items = [];
    if (mark("]")) return items;
    do items.push(value(depth + 1));
    while (mark(","));
    if (!mark("]")) throw new Fault("unreadable");
    return items;
  };
  const whole = value(0);
  take(SPACE);
  if (at !== said.length) throw new Fault("unreadable");
  return whole;
}

/** A document as the bytes that are signed (RFC 8785; whole numbers only). @param {any} value @returns {string} */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    // Sorted by UTF-16 units, as the standard has it and as JavaScript sorts.
    return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
  }
  return JSON.stringify(value);
}
