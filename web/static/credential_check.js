/**
 * One verdict about one certificate: by the issuers' keys and status lists that this device holds, and by the register where it was asked.
 *
 * The twin of compsys/credentials/checking.py: the same questions in the same order, the same codes. Nothing is taken on trust from
 * the certificate itself: a key that stands in it is not looked at, an issuer that is not on the list is not ours.
 */

import { Fault, canonical, fromBase58, fromBase64url, joined, readJson, text, utf8 } from "./credential_bytes.js";
import { ed25519, es256 } from "./credential_curves.js";
import { sha256 } from "./credential_hash.js";
import { gunzip } from "./credential_inflate.js";

/** @typedef {{method: string, algorithm: string, key: string, created: string, retired: string, revoked: string}} Key */
/** @typedef {{id: string, name: string, code: string, url: string, keys: Key[]}} Issuer */
/** @typedef {{made: string, issuers: Issuer[], lists: Record<string, any>, seen: Record<string, string>}} Trust */
/** @typedef {{state: string, valid_from: string, since: string, reason: string, as_of: string}} Standing */
/** @typedef {{verdict: string, code: string, params: Record<string, string>, document: any, list: string, status: "clear" | "set" | "unknown", asked: string}} Verdict */

export const CONTEXTS = [
  "https://www.w3.org/ns/credentials/v2",
  "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
  "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
];
/** Clocks may be apart by this much (milliseconds). */
export const SKEW = 10 * 60 * 1000;
const SHORTEST = 131072;
const LIST_LIMIT = 1 << 22;

/** What follows from each code. */
const VERDICTS = /** @type {Record<string, string>} */ ({
  valid: "valid",
  ...Object.fromEntries(["revoked", "revoked_list"].map((code) => [code, "revoked"])),
  ...Object.fromEntries(["suspended", "superseded", "expired", "not_ours"].map((code) => [code, code])),
  ...Object.fromEntries(["not_in_register", "number_unknown", "number_here", "id_unknown"].map((code) => [code, "not_found"])),
  ...Object.fromEntries(
    ["altered", "proof_missing", "key_unknown", "key_revoked", "key_life", "issuer_wrong"].map((code) => [code, "altered"]),
  ),
});

/** @param {string} code */
export const verdictOf = (code) => VERDICTS[code] ?? "could_not_check";

/** Milliseconds of a time, NaN where there is none. @param {any} said */
export const moment = (said) => (typeof said === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(said) ? Date.parse(said) : NaN);

const isText = (/** @type {any} */ one) => typeof one === "string";
const isObject = (/** @type {any} */ one) => one !== null && typeof one === "object" && !Array.isArray(one);

/** The host of an address, the text itself where it is none. @param {any} url */
export function hostOf(url) {
  try {
    return new URL(url).host;
  } catch {
    return String(url ?? "").slice(0, 60);
  }
}

/** @param {any} document */
const issuerId = (document) => (isObject(document.issuer) ? document.issuer.id : document.issuer);

/** @param {any} document */
const proofsOf = (document) => (Array.isArray(document.proof) ? document.proof : isObject(document.proof) ? [document.proof] : []);

/** The issuer's key of a proof. @param {Issuer} issuer @param {string} method @param {string} algorithm @param {number} created @param {Trust} trust */
function keyOf(issuer, method, algorithm, created, trust) {
  if (!isText(method) || ![`${issuer.id}#`, `${issuer.id}/keys/`].some((begun) => method.startsWith(begun))) throw new Fault("issuer_wrong");
  const key = issuer.keys.find((one) => one.method === method && one.algorithm === algorithm);
  // A key list from before the signature cannot know a key that came after it.
  if (!key) throw created > moment(trust.made) + SKEW ? new Fault("key_newer", { date: trust.made }) : new Fault("key_unknown");
  if (key.revoked) throw new Fault("key_revoked", { date: key.revoked });
  if (!Number.isNaN(created)) {
    const before = created < moment(key.created) - SKEW;
    if (before || (key.retired && created > moment(key.retired) + SKEW)) throw new Fault("key_life");
  }
  return fromBase64url(key.key);
}

/** Whether the eddsa-jcs-2022 proofs of a document are right; throws a Fault. @param {any} document @param {Issuer} issuer @param {Trust} trust */
async function prove(document, issuer, trust) {
  const proofs = proofsOf(document).filter((one) => isObject(one) && one.cryptosuite === "eddsa-jcs-2022");
  if (!proofs.length) throw new Fault("proof_missing");
  const { proof: _, ...bare } = document;
  const body = sha256(utf8(canonical(bare)));
  for (const proof of proofs) {
    const { proofValue, ...config } = proof;
    if (proof.type !== "DataIntegrityProof" || proof.proofPurpose !== "assertionMethod" || !isText(proofValue) || proofValue[0] !== "z") throw new Fault("altered");
    if (canonical(proof["@context"] ?? null) !== canonical(document["@context"])) throw new Fault("altered");
    const created = moment(proof.created);
    if (Number.isNaN(created)) throw new Fault("altered");
    const key = keyOf(issuer, proof.verificationMethod, "Ed25519", created, trust);
    const signature = fromBase58(proofValue.slice(1), "altered");
    if (!(await ed25519(key, signature, joined(sha256(utf8(canonical(config))), body)))) throw new Fault("altered");
  }
}

/** The bits of a status list once it is proved; throws a Fault. @param {string} url @param {Issuer} issuer @param {Trust} trust @param {number} now */
async function listOf(url, issuer, trust, now) {
  const list = trust.lists[url];
  if (!isObject(list)) throw new Fault("list_missing");
  const subject = list.credentialSubject;
  const fits = list.id === url && issuerId(list) === issuer.id && isObject(subject) && subject.type === "BitstringStatusList" && subject.statusPurpose === "revocation";
  if (!fits || !isText(subject.encodedList) || subject.encodedList[0] !== "u") throw new Fault("list_wrong");
  await prove(list, issuer, trust).catch((error) => {
    throw error.code === "key_newer" ? error : new Fault("list_wrong");
  });
  const made = moment(list.validFrom);
  if (Number.isNaN(made) || made > now + SKEW) throw new Fault("list_wrong");
  if (moment(trust.seen[url]) > made) throw new Fault("list_replayed", { date: list.validFrom, newer: trust.seen[url] });
  const bits = gunzip(fromBase64url(subject.encodedList.slice(1), "list_wrong"), LIST_LIMIT);
  if (bits.length * 8 < SHORTEST) throw new Fault("list_wrong");
  return { bits, made, date: list.validFrom };
}

/** The date of a list that is proved, "" of any other. @param {string} url @param {Issuer} issuer @param {Trust} trust @param {number} now */
export const listDate = (url, issuer, trust, now) =>
  listOf(url, issuer, trust, now).then(
    (found) => found.date,
    () => "",
  );

/** What the status list says. @param {any} document @param {Issuer} issuer @param {Trust} trust @param {number} now @returns {Promise<{set: boolean, date: string}>} */
async function status(document, issuer, trust, now) {
  const entry = document.credentialStatus;
  if (!isObject(entry)) throw new Fault("list_missing");
  const at = isText(entry.statusListIndex) && /^(0|[1-9][0-9]{0,9})$/.test(entry.statusListIndex) ? Number(entry.statusListIndex) : -1;
  if (entry.type !== "BitstringStatusListEntry" || entry.statusPurpose !== "revocation" || at < 0) throw new Fault("list_wrong");
  const list = await listOf(entry.statusListCredential, issuer, trust, now);
  if (at >= list.bits.length * 8) throw new Fault("list_wrong");
  // A list from before the signature says nothing of this certificate.
  const signed = moment(proofsOf(document)[0]?.created ?? document.validFrom);
  if (list.made < signed - SKEW) throw new Fault("list_before", { date: list.date });
  return { set: Boolean(list.bits[at >> 3] & (0x80 >> (at & 7))), date: list.date };
}

/** What the register said, as a code. @param {any} document @param {Standing} standing @returns {[string, Record<string, string>]} */
function registered(document, standing) {
  const params = { date: standing.since, reason: standing.reason };
  if (standing.state === "unknown") return ["not_in_register", {}];
  if (standing.state === "revoked" || standing.state === "suspended") return [standing.state, params];
  if (standing.state === "superseded" || moment(document.validFrom) < moment(standing.valid_from)) return ["superseded", { date: standing.valid_from }];
  return ["valid", {}];
}

/** @param {any} document @param {Issuer} issuer @param {Trust} trust @param {number} now @param {Standing | null} standing @returns {Promise<Verdict>} */
async function standingOf(document, issuer, trust, now, standing) {
  const found = /** @type {Verdict} */ ({ verdict: "", code: "", params: {}, document, list: "", status: "unknown", asked: standing ? standing.as_of : "" });
  const end = (/** @type {string} */ code, /** @type {Record<string, string>} */ params = {}) => Object.assign(found, { verdict: verdictOf(code), code, params });
  /** @type {Fault | null} */
  let fault = null;
  try {
    const { set, date } = await status(document, issuer, trust, now);
    Object.assign(found, { list: date, status: set ? "set" : "clear" });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    fault = error;
  }
  if (standing) {
    const [code, params] = registered(document, standing);
    if (code !== "valid") return end(code, params);
    if (moment(document.validUntil) < now) return end("expired", { date: document.validUntil });
    // The register is asked now; a list is as old as it is. Only a bit that says no weighs more.
    return found.status === "set" ? end("revoked_list", { date: found.list }) : end("valid");
  }
  if (found.status === "set") return end("revoked_list", { date: found.list });
  if (moment(document.validUntil) < now) return end("expired", { date: document.validUntil });
  return fault ? end(fault.code, fault.params) : end("valid");
}

/**
 * @param {any} document @param {Trust} trust @param {number} now @param {Standing | null} [standing]
 * @param {(issuer: Issuer) => Promise<void>} [proved] how its signature is checked @returns {Promise<Verdict>}
 */
export async function check(document, trust, now, standing = null, proved) {
  const not = (/** @type {string} */ code, /** @type {Record<string, string>} */ params = {}) =>
    /** @type {Verdict} */ ({ verdict: verdictOf(code), code, params, document: null, list: "", status: "unknown", asked: "" });
  try {
    if (!isObject(document) || !isText(issuerId(document)) || !isObject(document.credentialSubject)) return not("no_credential");
    if (!trust.issuers.length) return not("issuers_missing");
    const issuer = trust.issuers.find((one) => one.id === issuerId(document));
    if (!issuer) return not("not_ours", { domain: hostOf(issuerId(document)) });
    const contexts = Array.isArray(document["@context"]) ? document["@context"] : [document["@context"]];
    const strange = contexts.find((one) => !CONTEXTS.includes(one));
    if (strange !== undefined) return not("context_unknown", { context: String(strange).slice(0, 120) });
    if (canonical(contexts) !== canonical(CONTEXTS)) return not("altered");
    await (proved ? proved(issuer) : prove(document, issuer, trust));
    const known = Math.max(now, ...[trust.made, ...(standing ? [standing.as_of] : [])].map(moment).filter((one) => !Number.isNaN(one)));
    const from = moment(document.validFrom);
    if (Number.isNaN(from)) return not("altered");
    if (from > known + SKEW) return not("clock", { date: document.validFrom });
    return await standingOf(document, issuer, trust, known, standing);
  } catch (error) {
    if (error instanceof Fault) return not(error.code, error.params);
    throw error;
  }
}

/** A VC-JWT (ES256): header, payload and signature. @param {string} token @param {Trust} trust @param {number} now @param {Standing | null} [standing] */
export async function checkJwt(token, trust, now, standing = null) {
  const { header, document, signed, signature } = openJwt(token);
  return check(document, trust, now, standing, async (issuer) => {
    if (header.alg !== "ES256" || !isText(header.kid)) throw new Fault("proof_missing");
    const key = keyOf(issuer, header.kid, "ES256", NaN, trust);
    if (!(await es256(key, signature, utf8(signed)))) throw new Fault("altered");
    const claims = [document.iss === issuerId(document), document.jti === document.id, document.sub === document.credentialSubject.id];
    if (claims.includes(false)) throw new Fault("altered");
  });
}

/** @param {string} token */
export function openJwt(token) {
  const parts = token.trim().split(".");
  if (parts.length !== 3) throw new Fault("unreadable");
  const [header, document] = parts.slice(0, 2).map((part) => readJson(text(fromBase64url(part))));
  if (!isObject(header) || !isObject(document)) throw new Fault("unreadable");
  return { header, document, signed: parts.slice(0, 2).join("."), signature: fromBase64url(parts[2]) };
}
