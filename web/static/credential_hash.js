/**
 * SHA-256 and SHA-512 in plain JavaScript: for pages by plain http, where browsers have no crypto.subtle.
 *
 * The constants are computed as the standard (FIPS 180-4) defines them: the fractional parts of roots of the first primes.
 */

/** @param {number} count */
function primes(count) {
  const found = [];
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime)) found.push(n);
  return found;
}

/** The whole root of a number. @param {bigint} n @param {bigint} degree */
function root(n, degree) {
  let high = 1n;
  while (high ** degree <= n) high *= 2n;
  let low = high / 2n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle ** degree <= n) low = middle;
    else high = middle;
  }
  return low;
}

const M64 = (1n << 64n) - 1n;

/** The first 64 bits of the fraction of a prime's root. @param {number} prime @param {bigint} degree */
const fraction = (prime, degree) => root(BigInt(prime) << (64n * degree), degree) & M64;

const PRIMES = primes(80);
const K = PRIMES.map((prime) => fraction(prime, 3n));
const H = PRIMES.slice(0, 8).map((prime) => fraction(prime, 2n));
const K32 = Uint32Array.from(K.slice(0, 64), (word) => Number(word >> 32n));
const H32 = Uint32Array.from(H, (word) => Number(word >> 32n));

/** The message with its one bit, zeros and length, a whole number of blocks. @param {Uint8Array} data @param {number} block */
function padded(data, block) {
  const whole = new Uint8Array(Math.ceil((data.length + 1 + block / 8) / block) * block);
  whole.set(data);
  whole[data.length] = 0x80;
  const view = new DataView(whole.buffer);
  view.setUint32(whole.length - 8, Math.floor(data.length / 0x20000000));
  view.setUint32(whole.length - 4, (data.length << 3) >>> 0);
  return view;
}

/** @param {number} x @param {number} n */
const turn = (x, n) => (x >>> n) | (x << (32 - n));

/** @param {Uint8Array} data @returns {Uint8Array} 32 bytes */
export function sha256(data) {
  const view = padded(data, 64);
  const state = H32.slice();
  const w = new Uint32Array(64);
  for (let at = 0; at < view.byteLength; at += 64) {
    for (let i = 0; i < 16; i++) w[i] = view.getUint32(at + 4 * i);
    for (let i = 16; i < 64; i++) {
      const s0 = turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ (w[i - 15] >>> 3);
      const s1 = turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ (w[i - 2] >>> 10);
      w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
      const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K32[i] + w[i]) | 0;
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] += word));
  }
  const out = new DataView(new ArrayBuffer(32));
  state.forEach((word, i) => out.setUint32(4 * i, word));
  return new Uint8Array(out.buffer);
}

/** @param {bigint} x @param {bigint} n */
const turn64 = (x, n) => ((x >> n) | (x << (64n - n))) & M64;

/** @param {Uint8Array} data @returns {Uint8Array} 64 bytes */
export function sha512(data) {
  const view = padded(data, 128);
  const state = H.slice();
  const w = new Array(80);
  for (let at = 0; at < view.byteLength; at += 128) {
    for (let i = 0; i < 16; i++) w[i] = view.getBigUint64(at + 8 * i);
    for (let i = 16; i < 80; i++) {
      const s0 = turn64(w[i - 15], 1n) ^ turn64(w[i - 15], 8n) ^ (w[i - 15] >> 7n);
      const s1 = turn64(w[i - 2], 19n) ^ turn64(w[i - 2], 61n) ^ (w[i - 2] >> 6n);
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) & M64;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 80; i++) {
      const one = h + (turn64(e, 14n) ^ turn64(e, 18n) ^ turn64(e, 41n)) + ((e & f) ^ ((M64 ^ e) & g)) + K[i] + w[i];
      const two = (turn64(a, 28n) ^ turn64(a, 34n) ^ turn64(a, 39n)) + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) & M64, c, b, a, (one + two) & M64];
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] = (state[i] + word) & M64));
  }
  const out = new DataView(new ArrayBuffer(64));
  state.forEach((word, i) => out.setBigUint64(8 * i, word));
  return new Uint8Array(out.buffer);
}
