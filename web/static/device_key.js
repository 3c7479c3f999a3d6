/**
 * Holds a tablet's own key: made in the browser over TLS, never to leave it, asked at each connection; a copied cookie lacks it.
 *
 * P-256; the private half cannot be read, not even by this page. It stands in a small database of its own, by the name of the seat's
 * database; while an enrolment is under way, by what the tablet drew for itself. Loaded over TLS only.
 */

const NAME = "compsys-keys";
const KIND = { name: "ECDSA", namedCurve: "P-256" };

/** @returns {Promise<IDBDatabase>} */
function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore("keys");
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Work with the keys, done when it is on the disk. @template T @param {IDBTransactionMode} mode @param {(keys: IDBObjectStore) => IDBRequest<T>} work @returns {Promise<T>} */
async function within(mode, work) {
  const base = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const all = base.transaction("keys", mode);
      const request = work(all.objectStore("keys"));
      all.oncomplete = () => resolve(request.result);
      all.onabort = all.onerror = () => reject(all.error);
    });
  } finally {
    base.close();
  }
}

/** @param {ArrayBuffer} bytes */
const text = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** A key for an enrolment that is under way; asked again, the same one. @param {string} hand @returns {Promise<string>} its public half, base64url of the point */
export async function made(hand) {
  /** @type {CryptoKeyPair} */
  const pair = (await within("readonly", (keys) => keys.get(hand))) ?? (await crypto.subtle.generateKey(KIND, false, ["sign"]));
  await within("readwrite", (keys) => keys.put(pair, hand));
  return text(await crypto.subtle.exportKey("raw", pair.publicKey));
}

/** The enrolment succeeded: the key is that of the seat's database from now on. @param {string} hand @param {string} store */
export async function settled(hand, store) {
  const pair = await within("readonly", (keys) => keys.get(hand));
  if (!pair) return;
  await within("readwrite", (keys) => keys.put(pair, store));
  await within("readwrite", (keys) => keys.delete(hand));
}

/** What this tablet's key makes of a server's question; "" where there is no key. @param {string} store @param {string} nonce @returns {Promise<string>} base64url */
export async function proof(store, nonce) {
  const pair = nonce && (await within("readonly", (keys) => keys.get(store)));
  if (!pair) return "";
  const said = new TextEncoder().encode(`compsys/1 device ${store} ${nonce}`);
  return text(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, said));
}
