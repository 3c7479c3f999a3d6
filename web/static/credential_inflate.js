/**
 * Unpacks deflate (RFC 1951) with a preset dictionary, which no browser's own does, and gzip and zlib around it.
 *
 * A stream that ends too early is told apart from one that is damaged: half a QR code has its own sentence.
 */

import { Fault } from "./credential_bytes.js";

const LENGTHS = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const FAR = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577];
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** How many codes have each length, and the symbols in the order of their codes. @typedef {{counts: number[], symbols: number[]}} Code */

/** @param {number[]} lengths @returns {Code} */
function code(lengths) {
  const counts = new Array(16).fill(0);
  for (const length of lengths) counts[length]++;
  const symbols = [];
  for (let length = 1; length < 16; length++) lengths.forEach((one, symbol) => one === length && symbols.push(symbol));
  counts[0] = 0;
  let left = 1;
  for (let length = 1; length < 16; length++) {
    left = left * 2 - counts[length];
    if (left < 0) throw new Fault("qr_damaged");
  }
  // A code with gaps is allowed only where a single symbol has it.
  if (left > 0 && symbols.length > 1) throw new Fault("qr_damaged");
  return { counts, symbols };
}

/** @param {number} count @param {number} value */
const run = (count, value) => new Array(count).fill(value);
const FIXED = code([...run(144, 8), ...run(112, 9), ...run(24, 7), ...run(8, 8)]);
const FIXED_FAR = code(run(30, 5).concat(run(2, 5)));

/** Reads bits from the lowest on. */
class Bits {
  /** @param {Uint8Array} bytes @param {number} at */
  constructor(bytes, at) {
    this.bytes = bytes;
    this.at = at;
    this.held = 0;
    this.count = 0;
  }

  /** @param {number} wanted at most 16 */
  take(wanted) {
    while (this.count < wanted) {
      if (this.at >= this.bytes.length) throw new Fault("qr_cut");
      this.held |= this.bytes[this.at++] << this.count;
      this.count += 8;
    }
    const found = this.held & ((1 << wanted) - 1);
    this.held >>>= wanted;
    this.count -= wanted;
    return found;
  }

  /** @param {Code} how */
  symbol({ counts, symbols }) {
    let value = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length < 16; length++) {
      value |= this.take(1);
      const count = counts[length];
      if (value - count < first) return symbols[index + (value - first)];
      index += count;
      first = (first + count) << 1;
      value <<= 1;
    }
    throw new Fault("qr_damaged");
  }

  /** What is left of the byte is nothing. */
  align() {
    this.held = this.count = 0;
  }
}

/** The two codes that a block brings along. @param {Bits} bits @returns {[Code, Code]} */
function brought(bits) {
  const [literals, far, short] = [bits.take(5) + 257, bits.take(5) + 1, bits.take(4) + 4];
  if (literals > 286 || far > 30) throw new Fault("qr_damaged");
  const first = run(19, 0);
  for (let at = 0; at < short; at++) first[ORDER[at]] = bits.take(3);
  const how = code(first);
  /** @type {number[]} */
  const lengths = [];
  while (lengths.length < literals + far) {
    const symbol = bits.symbol(how);
    if (symbol < 16) lengths.push(symbol);
    else if (symbol === 16) {
      if (!lengths.length) throw new Fault("qr_damaged");
      lengths.push(...run(3 + bits.take(2), lengths[lengths.length - 1]));
    } else lengths.push(...run(symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7), 0));
  }
  if (lengths.length > literals + far || !lengths[256]) throw new Fault("qr_damaged");
  return [code(lengths.slice(0, literals)), code(lengths.slice(literals))];
}

/**
 * @param {Uint8Array} bytes @param {{dictionary?: Uint8Array, at?: number, limit?: number}} [how] limit: bytes at most
 * @returns {{data: Uint8Array, end: number}} what was packed, and where the stream ended
 */
export function inflate(bytes, { dictionary = new Uint8Array(), at = 0, limit = 1 << 20 } = {}) {
  const bits = new Bits(bytes, at);
  let out = new Uint8Array(dictionary.length + 4096);
  out.set(dictionary);
  let size = dictionary.length;
  const most = size + limit;
  const room = (/** @type {number} */ more) => {
    if (size + more > most) throw new Fault("too_large");
    if (size + more <= out.length) return;
    const wider = new Uint8Array(Math.min(most, Math.max(out.length * 2, size + more)));
    wider.set(out.subarray(0, size));
    out = wider;
  };
  for (let last = 0; !last; ) {
    last = bits.take(1);
    const kind = bits.take(2);
    if (kind === 3) throw new Fault("qr_damaged");
    if (kind === 0) {
      bits.align();
      const [length, check] = [bits.take(16), bits.take(16)];
      if ((length ^ check) !== 0xffff) throw new Fault("qr_damaged");
      room(length);
      for (let left = length; left > 0; left--) out[size++] = bits.take(8);
      continue;
    }
    const [literals, far] = kind === 1 ? [FIXED, FIXED_FAR] : brought(bits);
    for (let symbol = bits.symbol(literals); symbol !== 256; symbol = bits.symbol(literals)) {
      if (symbol < 256) {
        room(1);
        out[size++] = symbol;
        continue;
      }
      if (symbol > 285) throw new Fault("qr_damaged");
      const length = LENGTHS[symbol - 257] + bits.take(LENGTH_BITS[symbol - 257]);
      const way = bits.symbol(far);
      if (way > 29) throw new Fault("qr_damaged");
      const back = FAR[way] + bits.take(way < 4 ? 0 : (way >> 1) - 1);
      if (back > size) throw new Fault("qr_damaged");
      room(length);
      for (let left = length; left > 0; left--, size++) out[size] = out[size - back];
    }
  }
  return { data: out.slice(dictionary.length, size), end: bits.at };
}

/** The content of a gzip file of one member; its length is checked. @param {Uint8Array} bytes @param {number} limit */
export function gunzip(bytes, limit) {
  if (bytes.length < 18 || bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[2] !== 8) throw new Fault("list_wrong");
  let at = 10;
  const flags = bytes[3];
  if (flags & 4) at += 2 + bytes[at] + 256 * bytes[at + 1];
  for (const flag of [8, 16]) if (flags & flag) at = bytes.indexOf(0, at) + 1 || bytes.length;
  if (flags & 2) at += 2;
  const { data, end } = inflate(bytes, { at, limit });
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (end + 8 > bytes.length || view.getUint32(end + 4, true) !== data.length) throw new Fault("list_wrong");
  return data;
}
