/**
 * Draws a verdict: one word, why, one sentence of who issued what to whom, then the signed facts and how each was checked.
 *
 * Every text of a certificate that is shown here stands under its signature.
 */

import { hostOf, moment } from "./credential_check.js";
import { h, icon } from "./dom.js";
import { lang, t, todo } from "./words.js";

/** @typedef {import("./credential_check.js").Verdict} Verdict */
/** @typedef {import("./credential_store.js").Held} Held */

const SIGNS = /** @type {Record<string, [string, string]>} */ ({
  valid: ["ok", "double-check"],
  revoked: ["stop", "barred"],
  suspended: ["warn", "pause"],
  superseded: ["warn", "return"],
  expired: ["warn", "clock"],
  not_found: ["warn", "search"],
  not_ours: ["warn", "people"],
  could_not_check: ["warn", "triangle"],
  altered: ["stop", "octagon"],
});

const HAN = /\p{Script=Han}/u;

/** One side of "中文 / English". @param {any} said */
export function side(said) {
  const whole = typeof said === "string" ? said : "";
  const parts = whole.split(" / ");
  if (parts.length !== 2 || !HAN.test(whole)) return whole;
  // The Chinese side comes first; in the English one a name may have stayed Chinese.
  const [chinese, english] = HAN.test(parts[0]) ? parts : parts.reverse();
  return lang() === "zh-CN" ? chinese : english;
}

/** A certificate's own words, marked with their language. @param {any} said */
const own = (said) => h("span", { lang: HAN.test(side(said)) ? "zh-CN" : "en" }, side(said));

/** A day as people read it, in the certificate's own zone. @param {any} said */
function day(said) {
  const found = /^(\d{4})-(\d\d)-(\d\d)T/.exec(String(said ?? ""));
  if (!found) return String(said ?? "");
  const at = new Date(Date.UTC(Number(found[1]), Number(found[2]) - 1, Number(found[3])));
  return at.toLocaleDateString(lang(), { year: "numeric", month: "long", day: "numeric", timeZone: "UTC" });
}

/** @param {any} said */
const dayTime = (said) =>
  Number.isNaN(moment(said)) ? String(said ?? "") : new Date(moment(said)).toLocaleString(lang(), { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });

/** How long ago something was. @param {any} said @param {number} now */
function age(said, now) {
  const minutes = Math.floor((now - moment(said)) / 60000);
  if (!(minutes > 0)) return t("check.age.now");
  if (minutes < 60) return t("check.age.minutes", { n: minutes });
  if (minutes < 48 * 60) return t("check.age.hours", { n: Math.floor(minutes / 60) });
  const days = Math.floor(minutes / 1440);
  return days < 730 ? t("check.age.days", { n: days }) : t("check.age.years", { n: Math.floor(days / 365) });
}

const DATED = ["date", "newer"];

/** The sentence of a code, its dates as people read them. @param {Verdict} found */
function params(found) {
  const told = { ...found.params };
  for (const name of DATED) if (told[name]) told[name] = day(told[name]);
  return told;
}

/** @param {any} one @returns {any[]} */
const many = (one) => (Array.isArray(one) ? one : one ? [one] : []);

/** What a certificate says, by name. @param {any} document */
export function facts(document) {
  const subject = document.credentialSubject;
  const achievement = subject.achievement ?? {};
  const described = new Map(many(achievement.resultDescription).map((one) => [one.id, one]));
  const results = many(subject.result).map((one) => ({ ...one, what: described.get(one.resultDescription) }));
  const levels = results.filter((one) => one.what?.resultType === "RubricCriterionLevel");
  const reached = levels.flatMap((one) => many(one.what.rubricCriterionLevel).filter((level) => level.id === one.achievedLevel))[0];
  const occupation = many(achievement.alignment).find((one) => one.targetType === "ext:CNOccupation");
  return {
    subject,
    achievement,
    occupation,
    level: String(reached?.level ?? ""),
    levelName: String(reached?.name ?? ""),
    holder: many(subject.identifier).find((one) => one.identityType === "name" && one.hashed === false)?.identityHash ?? "",
    marks: results.filter((one) => !levels.includes(one) && typeof one.value === "string" && one.what),
    body: many(document.issuer.otherIdentifier).find((one) => one.identifierType === "ext:CNAssessmentBodyCode")?.identifier ?? "",
    evidence: many(document.evidence),
  };
}

const LEVELS = ["apprentice", "5", "4", "3", "2", "1", "special", "chief"];

/** A level in the page's language: the certificate names it in its own. @param {{level: string, levelName: string}} told */
const levelOf = (told) => (LEVELS.includes(told.level) ? t(`check.level.${told.level}`) : own(told.levelName));

/** @param {string} code @param {import("./dom.js").Content} content */
const row = (code, content) => content && h("div", { key: code }, h("dt", null, t(`check.fact.${code}`)), h("dd", null, content));

/** Everything else that is signed and worth reading. @param {any} document */
function rows(document) {
  const told = facts(document);
  const { subject, achievement, occupation } = told;
  const [from, to] = [day(subject.activityStartDate), day(subject.activityEndDate ?? subject.activityStartDate)];
  const held = from === to ? from : t("check.held_span", { from, to });
  const corrected = document.awardedDate && document.awardedDate !== document.validFrom;
  return [
    row("holder", told.holder && h("b", null, told.holder)),
    row("level", (told.level || told.levelName) && h("b", null, levelOf(told))),
    row("occupation", occupation ? [own(occupation.targetName), " ", h("span", { class: "q nw" }, occupation.targetCode)] : achievement.fieldOfStudy && own(achievement.fieldOfStudy)),
    row("specialization", achievement.specialization && own(achievement.specialization)),
    row("number", subject.licenseNumber && h("span", { class: "check__number" }, subject.licenseNumber)),
    row("awarded", day(document.awardedDate ?? document.validFrom)),
    row("dated", corrected && day(document.validFrom)),
    row("until", document.validUntil && day(document.validUntil)),
    row("results", told.marks.length > 0 && h("ul", null, told.marks.map((one, at) => h("li", { key: `${at}` }, own(one.what.name), ": ", h("b", null, own(one.value)))))),
    row("role", subject.role && own(subject.role)),
    row("held", held),
    row("rule", achievement.criteria?.narrative && own(achievement.criteria.narrative)),
    row("evidence", told.evidence.length > 0 && h("ul", null, told.evidence.map((one, at) => h("li", { key: `${at}` }, proofSheet(one))))),
    row("issuer", own(document.issuer.name)),
    row("body", told.body),
    row("assessor", subject.source?.name && own(subject.source.name)),
    row("domain", hostOf(document.issuer.id)),
  ];
}

/** The result sheet that a certificate rests on, as a link where it is one of this server. @param {any} evidence */
function proofSheet(evidence) {
  const words = own(evidence.narrative ?? evidence.name);
  const path = /^https?:\/\/[^/]+(\/results\/[^?#]+)$/.exec(String(evidence.id ?? ""))?.[1];
  return path ? h("a", { href: path }, words) : words;
}

/** How it was checked, and by what. @param {Verdict} found @param {Held} held @param {number} now */
function means(found, held, now) {
  if (!found.document) return null;
  const list = found.list ? t(found.status === "set" ? "check.list_set" : "check.list_clear", { date: dayTime(found.list), age: age(found.list, now) }) : t("check.list_none");
  const state = "state" in found ? String(found.state) : "";
  return h(
    "dl",
    { class: "facts check__means" },
    row("signature", t("check.by_device")),
    row("status", h("ul", null, h("li", { key: "r" }, found.asked ? t("check.register_said", { time: dayTime(found.asked), state: t(`check.state.${state}`) }) : t("check.register_silent")), h("li", { key: "l" }, list))),
    row("keys", t("check.keys_as_of", { date: dayTime(held.made), age: age(held.made, now) })),
  );
}

/** The sentence of who issued what to whom. @param {any} document */
function sentence(document) {
  const told = facts(document);
  const basis = side(told.evidence[0]?.narrative ?? document.description);
  const said = { issuer: side(document.issuer.name), holder: told.holder, title: side(document.name ?? told.achievement.name), number: told.subject.licenseNumber ?? "", basis };
  return told.holder ? t("check.sentence", said) : t("check.sentence_unnamed", said);
}

/** @param {Verdict} found @param {Held} held @param {number} now */
export function verdict(found, held, now) {
  const [look, sign] = SIGNS[found.verdict];
  const act = todo("check." + found.code, params(found));
  return h(
    "section",
    { class: `check check--${look}`, "data-verdict": found.verdict, "data-code": found.code, "aria-labelledby": "check-word" },
    h(
      "div",
      { class: "check__head" },
      h("span", { class: "check__sign" }, icon(sign)),
      h("div", null, h("h2", { id: "check-word", tabindex: "-1" }, t(`check.verdict.${found.verdict}`)), h("p", null, t("check." + found.code, params(found))), act && h("p", { class: "check__act" }, act)),
    ),
    found.document && h("div", { class: "check__body" }, h("p", { class: "check__said" }, sentence(found.document)), h("dl", { class: "facts" }, rows(found.document)), means(found, held, now)),
  );
}
