/**
 * Makes a picture small and plain before it leaves the device: at most 2,000 pixels, JPEG, nothing of the camera's own words in it.
 *
 * Its SHA-256 is worked out here as well: on plain http browsers lend none.
 */

const EDGE = 2000;
const MOST = 4 * 1024 * 1024;
const QUALITIES = [0.85, 0.7, 0.5];

/** A picture's width and height within a square. @param {{width: number, height: number}} size @param {number} edge */
function within({ width, height }, edge) {
  const by = Math.min(1, edge / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * by)), height: Math.max(1, Math.round(height * by)) };
}

/** @param {ImageBitmap} bitmap @param {number} edge */
function drawn(bitmap, edge) {
  const canvas = Object.assign(document.createElement("canvas"), within(bitmap, edge));
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  // What is clear in a drawing would be black in a JPEG.
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** A JPEG without the parts in which cameras, editors and some browsers write. @param {Uint8Array} data */
export function plain(data) {
  const kept = [data.slice(0, 2)];
  let at = 2;
  while (data[at] === 0xff && data[at + 1] !== 0xda && at + 4 <= data.length) {
    const end = at + 2 + data[at + 2] * 256 + data[at + 3];
    if (![0xe1, 0xed, 0xfe].includes(data[at + 1])) kept.push(data.slice(at, end));
    at = end;
  }
  kept.push(data.slice(at));
  const found = new Uint8Array(kept.reduce((sum, one) => sum + one.length, 0));
  let to = 0;
  for (const one of kept) {
    found.set(one, to);
    to += one.length;
  }
  return found;
}

/**
 * A file as a small JPEG and as a thumbnail (a data URL); rejects what is no picture to this browser.
 * @param {Blob} file @returns {Promise<{data: Uint8Array, thumb: string}>}
 */
export async function reduced(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  const canvas = drawn(bitmap, EDGE);
  const thumb = drawn(bitmap, 240).toDataURL("image/jpeg", 0.7);
  bitmap.close();
  for (const quality of QUALITIES) {
    const blob = /** @type {Blob | null} */ (await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality)));
    if (blob && blob.size <= MOST) return { data: plain(new Uint8Array(await blob.arrayBuffer())), thumb };
  }
  throw new Error("too large");
}

/** The first 32 bits of the fractional parts of roots of primes: the constants of SHA-256. @param {number} count @param {bigint} root 2n or 3n */
function fractions(count, root) {
  const found = [];
  for (let prime = 2n; found.length < count; prime += 1n) {
    let divides = false;
    for (let by = 2n; by * by <= prime; by += 1n) divides ||= prime % by === 0n;
    if (divides) continue;
    // The whole root of prime * 2^(32 * root): its low 32 bits are the fraction's first.
    const of = prime << (32n * root);
    let [low, high] = [0n, 1n << 40n];
    while (high - low > 1n) {
      const mid = (low + high) >> 1n;
      if (mid ** root <= of) low = mid;
      else high = mid;
    }
    found.push(Number(low & 0xffffffffn));
  }
  return Uint32Array.from(found);
}

/** @type {{first: Uint32Array, each: Uint32Array} | undefined} */
let constants;

/** @param {number} word @param {number} by */
const turned = (word, by) => (word >>> by) | (word << (32 - by));

/** SHA-256 (FIPS 180-4). @param {Uint8Array} data @returns {string} 64 hex */
export function sha256(data) {
  constants ??= { first: fractions(8, 2n), each: fractions(64, 3n) };
  const { each } = constants;
  const blocks = Math.ceil((data.length + 9) / 64);
  const padded = new Uint8Array(blocks * 64);
  padded.set(data);
  padded[data.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(data.length) * 8n);
  const hash = Uint32Array.from(constants.first);
  const w = new Uint32Array(64);
  for (let at = 0; at < padded.length; at += 64) {
    for (let i = 0; i < 16; i += 1) w[i] = view.getUint32(at + 4 * i);
    for (let i = 16; i < 64; i += 1) {
      const [x, y] = [w[i - 15], w[i - 2]];
      w[i] = w[i - 16] + (turned(x, 7) ^ turned(x, 18) ^ (x >>> 3)) + w[i - 7] + (turned(y, 17) ^ turned(y, 19) ^ (y >>> 10));
    }
    let [a, b, c, d, e, f, g, h] = hash;
    for (let i = 0; i < 64; i += 1) {
      const one = (h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g)) + each[i] + w[i]) >>> 0;
      const two = ((turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) >>> 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) >>> 0, c, b, a, (one + two) >>> 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => (hash[i] += word));
  }
  return [...hash].map((word) => word.toString(16).padStart(8, "0")).join("");
}
