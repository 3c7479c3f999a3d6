/**
 * Whether a signature is right: Ed25519 (RFC 8032) and ES256 (P-256), by WebCrypto where the browser has them, else in plain JavaScript.
 *
 * Nothing secret is handled here, so nothing has to take the same time for each input.
 */

import { joined } from "./credential_bytes.js";
import { sha256, sha512 } from "./credential_hash.js";

/** @param {bigint} a @param {bigint} p */
const mod = (a, p) => ((a % p) + p) % p;

/** @param {bigint} base @param {bigint} exponent @param {bigint} p */
function power(base, exponent, p) {
  let found = 1n;
  for (let b = mod(base, p), e = exponent; e > 0n; e >>= 1n, b = (b * b) % p) if (e & 1n) found = (found * b) % p;
  return found;
}

/** @param {bigint} a @param {bigint} p */
const inverse = (a, p) => power(a, p - 2n, p);

/** @param {Uint8Array} bytes */
const big = (bytes) => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

/** @param {Uint8Array} bytes */
const little = (bytes) => big(bytes.slice().reverse());

// ---------------------------------------------------------------- Ed25519

const P = (1n << 255n) - 19n;
const L = (1n << 252n) + 27742317777372353535851937790883648493n;
const D = mod(-121665n * inverse(121666n, P), P);
const ROOT = power(2n, (P - 1n) / 4n, P);

/** A point as (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z. @typedef {[bigint, bigint, bigint, bigint]} Point */

/** @param {Point} p @param {Point} q @returns {Point} */
function plus([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = mod((y1 - x1) * (y2 - x2), P);
  const b = mod((y1 + x1) * (y2 + x2), P);
  const c = mod(2n * t1 * t2 * D, P);
  const d = mod(2n * z1 * z2, P);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [mod(e * f, P), mod(g * h, P), mod(f * g, P), mod(e * h, P)];
}

/** @param {bigint} factor @param {Point} point */
function times(factor, point) {
  /** @type {Point} */
  let found = [0n, 1n, 1n, 0n];
  for (let n = factor, p = point; n > 0n; n >>= 1n, p = plus(p, p)) if (n & 1n) found = plus(found, p);
  return found;
}

/** A point from its 32 bytes, null where there is none. @param {Uint8Array} bytes @returns {Point | null} */
function point(bytes) {
  const said = little(bytes);
  const sign = said >> 255n;
  const y = said & ((1n << 255n) - 1n);
  if (y >= P) return null;
  const square = mod((y * y - 1n) * inverse(D * y * y + 1n, P), P);
  let x = power(square, (P + 3n) / 8n, P);
  if (mod(x * x - square, P)) x = mod(x * ROOT, P);
  if (mod(x * x - square, P) || (x === 0n && sign)) return null;
  if ((x & 1n) !== sign) x = P - x;
  return [x, y, 1n, mod(x * y, P)];
}

const BASE = /** @type {Point} */ (point(Uint8Array.from({ length: 32 }, (_, i) => (i ? 0x66 : 0x58))));

/** @param {Point} p @param {Point} q */
const same = (p, q) => mod(p[0] * q[2] - q[0] * p[2], P) === 0n && mod(p[1] * q[2] - q[1] * p[2], P) === 0n;

/** In plain JavaScript. @param {Uint8Array} key 32 bytes @param {Uint8Array} signature @param {Uint8Array} message */
export function ed25519Plain(key, signature, message) {
  if (key.length !== 32 || signature.length !== 64) return false;
  const a = point(key);
  const r = point(signature.slice(0, 32));
  const s = little(signature.slice(32));
  if (!a || !r || s >= L) return false;
  const k = little(sha512(joined(signature.slice(0, 32), key, message))) % L;
  return same(times(s, BASE), plus(r, times(k, a)));
}

// ---------------------------------------------------------------- ES256

const Q = (1n << 256n) - (1n << 224n) + (1n << 192n) + (1n << 96n) - 1n;
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
/** @type {[bigint, bigint]} */
const G = [0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n, 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n];

/** A point of P-256, null for the one at infinity. @typedef {[bigint, bigint] | null} Place */

/** @param {Place} p @param {Place} q @returns {Place} */
function sum(p, q) {
  if (!p || !q) return p ?? q;
  if (p[0] === q[0] && mod(p[1] + q[1], Q) === 0n) return null;
  const slope = p[0] === q[0] ? (3n * p[0] * p[0] - 3n) * inverse(2n * p[1], Q) : (q[1] - p[1]) * inverse(mod(q[0] - p[0], Q), Q);
  const x = mod(slope * slope - p[0] - q[0], Q);
  return [x, mod(slope * (p[0] - x) - p[1], Q)];
}

/** @param {bigint} factor @param {Place} place */
function multiple(factor, place) {
  /** @type {Place} */
  let found = null;
  for (let n = factor, p = place; n > 0n; n >>= 1n, p = sum(p, p)) if (n & 1n) found = sum(found, p);
  return found;
}

/** In plain JavaScript. @param {Uint8Array} key x then y, 64 bytes @param {Uint8Array} signature r then s @param {Uint8Array} message */
export function es256Plain(key, signature, message) {
  if (key.length !== 64 || signature.length !== 64) return false;
  const [x, y] = [big(key.slice(0, 32)), big(key.slice(32))];
  if (x >= Q || y >= Q || mod(y * y - (x * x * x - 3n * x + B), Q)) return false;
  const [r, s] = [big(signature.slice(0, 32)), big(signature.slice(32))];
  if (r < 1n || r >= N || s < 1n || s >= N) return false;
  const back = inverse(s, N);
  const found = sum(multiple((big(sha256(message)) * back) % N, G), multiple((r * back) % N, [x, y]));
  return found !== null && found[0] % N === r;
}

// ---------------------------------------------------------------- the browser's own first

/** @param {any} imported @param {any} how @param {Uint8Array} key @param {Uint8Array} signature @param {Uint8Array} message */
async function native(imported, how, key, signature, message) {
  if (!globalThis.crypto?.subtle) return null;
  try {
    const held = await crypto.subtle.importKey("raw", /** @type {any} */ (key), imported, false, ["verify"]);
    return await crypto.subtle.verify(how, held, /** @type {any} */ (signature), /** @type {any} */ (message));
  } catch {
    return null; // this browser does not have the curve, or calls the key none
  }
}

/** @param {Uint8Array} key @param {Uint8Array} signature @param {Uint8Array} message */
export const ed25519 = async (key, signature, message) =>
  (await native({ name: "Ed25519" }, { name: "Ed25519" }, key, signature, message)) ?? ed25519Plain(key, signature, message);

/** @param {Uint8Array} key @param {Uint8Array} signature @param {Uint8Array} message */
export const es256 = async (key, signature, message) =>
  (await native({ name: "ECDSA", namedCurve: "P-256" }, { name: "ECDSA", hash: "SHA-256" }, joined(Uint8Array.of(4), key), signature, message)) ??
  es256Plain(key, signature, message);
