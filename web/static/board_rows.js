/**
 * Draws the parts of a board from its picture: the very elements that templates/_board.html writes on the server.
 *
 * Whoever changes one changes the other; tests/web/test_board.py compares them element by element.
 */

import { lang, t } from "./words.js";

/** @typedef {Record<string, string>} Words */
/** @typedef {string | {value?: string, part?: boolean, status?: string} | null} Cell */
/**
 * @typedef {{key: string, place?: number, tied?: boolean, change?: number, code?: string, name?: Words, delegation?: Words,
 *   components: Cell[], total?: string, scale?: string, medal?: string, prize?: string, status?: string, cut?: boolean, done?: number, of?: number,
 *   sheets?: number[], lane?: number[], trail?: number[]}} Row
 */
/** @typedef {{key: string, place: number, tied: boolean, name: Words, gold: number, silver: number, bronze: number, excellence: number, total: number, points: string}} MedalRow */
/** @typedef {Record<string, any>} Picture */
/** @typedef {Node | string | null | undefined | false} Kid */

const SVG = "http://www.w3.org/2000/svg";
const SIGNS = { absent: "ring", not_finished: "half", withdrawn: "half", zeroed: "barred", excluded: "barred", voided: "cross" };
const WHYS = { not_started: "ring", marking: "half", review: "search", provisional: "half", annulled: "barred" };
const CHIPS = {
  provisional: ["prov", "half"], official: ["official", "shield"], corrected: ["official", "shield"],
  annulled: ["annulled", "barred"], frozen: ["frozen", "pause"], none: ["", "ring"],
};

/**
 * An element with attributes (those that are false, null or undefined are left out) and children.
 * @param {string} tag @param {Record<string, any>} [attributes] @param {(Kid | Kid[])[]} kids @returns {HTMLElement}
 */
export function h(tag, attributes = {}, ...kids) {
  return /** @type {HTMLElement} */ (fill(document.createElement(tag), attributes, kids));
}

/** @param {string} tag @param {Record<string, any>} attributes @param {(Kid | Kid[])[]} kids @returns {Element} */
const drawing = (tag, attributes, ...kids) => fill(document.createElementNS(SVG, tag), attributes, kids);

/** @param {Element} element @param {Record<string, any>} attributes @param {(Kid | Kid[])[]} kids */
function fill(element, attributes, kids) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(.../** @type {(Node | string)[]} */ (kids.flat().filter((kid) => kid || kid === 0)));
  return element;
}

// ---------------------------------------------------------------- words

const otherLang = () => (lang() === "en" ? "zh-CN" : "en");

/** A name in the page's language, else in one it has. @param {Words | undefined} words */
export const pick = (words) => words?.[lang()] || words?.[otherLang()] || Object.values(words ?? {}).find(Boolean) || "";

/** Whether there is a name in any language. @param {Words | undefined} words */
const some = (words) => Object.keys(words ?? {}).length > 0;

/** @param {Words} words @param {string} [cls] */
const said = (words, cls) => h("span", { class: cls, lang: Boolean(pick(words)) && !words[lang()] && otherLang() }, pick(words));

/** @param {Words} words */
function second(words) {
  const text = words[otherLang()];
  return text && text !== pick(words) ? [" ", h("span", { class: "second", lang: otherLang() }, text)] : [];
}

/** The clock of the competition, not of this device. @param {string} moment @param {string} zone @param {boolean} [seconds] */
export function clock(moment, zone, seconds = false) {
  const parts = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone };
  return new Intl.DateTimeFormat("en-GB", /** @type {any} */ (seconds ? { ...parts, second: "2-digit" } : parts)).format(new Date(moment));
}

// ---------------------------------------------------------------- small parts

/** @param {string} name */
export const icon = (name) => drawing("svg", { class: "i", "aria-hidden": "true" }, drawing("use", { href: `/static/icons.svg#${name}` }));

/** @param {string} look @param {string} sign @param {string} text */
const chip = (look, sign, text) => h("span", { class: look ? `chip chip--${look}` : "chip" }, icon(sign), text);

/** @param {string} kind @param {boolean} final */
function medal(kind, final) {
  const name = t(`medal.${kind}${final ? "" : "_provisional"}`);
  return drawing(
    "svg", { class: `medal medal--${kind}${final ? "" : " medal--prov"}`, viewBox: "0 0 28 28", role: "img", "aria-label": name }, "\n",
    drawing("use", { href: `/static/icons.svg#medal-${kind}` }), drawing("text", { x: "14", y: "19.4" }, t(`medal.${kind}_mark`)),
  );
}

/** @param {string} kind @param {boolean} final */
function prize(kind, final) {
  const name = t(`prize.${kind}`);
  const title = !final && t("prize.provisional", { prize: name });
  return h("span", { class: `prize prize--${kind}${final ? "" : " prize--prov"}`, title }, name);
}

/** @param {number | undefined} n */
function delta(n) {
  if (n === undefined) return null;
  if (n === 0) return h("span", { class: "delta" }, h("span", { "aria-hidden": "true" }, "–"), h("span", { class: "vh" }, t("change.same")));
  const [way, sign, size] = n > 0 ? ["up", "rise", n] : ["down", "fall", -n];
  return h(
    "span", { class: `delta delta--${way}` }, icon(sign), h("span", { class: "vh" }, t(`change.${way}`, { n: size })),
    h("span", { "aria-hidden": "true" }, `${size}`),
  );
}

/** @param {number | undefined} n @param {boolean | undefined} tied */
const place = (n, tied) => n
  ? [h("span", { "aria-hidden": "true" }, `${tied ? "=" : ""}${n}`), h("span", { class: "vh" }, t(tied ? "place.tied" : "place.nth", { n }))]
  : [];

/** @param {Row} row */
const who = (row) => some(row.name) ? said(/** @type {Words} */ (row.name))
  : row.code ? h("span", { class: "plate" }, row.code) : h("span", { class: "q" }, t("board.nameless"));

/** @param {Row} row */
const firm = ({ delegation }) => delegation && some(delegation) ? [said(delegation), ...second(delegation)] : [];

/** @param {string} status */
const statusWord = (status) => t(status === "voided" ? "board.void_component" : `cell.${status}`);

/** @param {string} status */
const statusChip = (status) => chip("", /** @type {Record<string, string>} */ (SIGNS)[status] ?? "ring", statusWord(status));

/** @param {Row} row */
function progressChip(row) {
  if (row.status) return statusChip(row.status);
  const { done = 0, of = 0, sheets = [0, 0] } = row;
  return chip("", "half", of > 1 ? t("cell.modules", { done, of }) : t("board.sheets", { done: sheets[0], of: sheets[1] }));
}

/** @param {Cell} cell @param {Row} row */
function cellOf(cell, row) {
  const attributes = { class: "num col-wide" };
  if (cell === null) return h("td", attributes, h("span", { class: "vh" }, t("board.not_yet")));
  if (typeof cell === "string") return h("td", attributes, cell);
  if (cell.part) return h("td", attributes, h("span", { class: "q" }, cell.value), h("span", { class: "vh" }, t("board.so_far")));
  return h("td", attributes, h("span", { class: cell.status === row.status ? "vh" : "xs" }, statusWord(cell.status ?? "")));
}

/** @param {Picture} picture */
const official = (picture) => picture.status.kind === "official";

/** What a row has won: its medal, its prize. @param {Row} row @param {Picture} picture */
const award = (row, picture) => [
  row.medal && medal(row.medal, official(picture)), row.prize && prize(row.prize, official(picture)),
];

// ---------------------------------------------------------------- a board

/** @param {Row} row @param {Picture} picture */
export function boardRow(row, picture) {
  return h(
    "tr", { "data-key": row.key, class: row.cut && "cut" },
    h("td", { class: "place" }, place(row.place, row.tied)),
    h("td", { class: "change" }, delta(row.change)),
    h("th", { class: "name", scope: "row" }, who(row), row.place && row.status && statusChip(row.status),
      some(row.delegation) && h("span", { class: "under" }, pick(row.delegation))),
    picture.named && h("td", { class: "firm col-wide" }, firm(row)),
    row.components.map((cell) => cellOf(cell, row)),
    picture.scaled && h("td", { class: "num col-wide" }, row.scale),
    row.place
      ? [h("td", { class: "total" }, row.total),
        picture.medals && h("td", { class: "award" }, award(row, picture))]
      : h("td", { class: "total", colspan: picture.medals && 2 }, progressChip(row)),
  );
}

/** @param {Row} row @param {Picture} picture */
export function wallRow(row, picture) {
  return h(
    "li", { class: row.cut ? "wall__row cut" : "wall__row", "data-key": row.key },
    h("span", { class: "place" }, place(row.place, row.tied)),
    h("span", {}, delta(row.change)),
    h("b", { class: "name" }, who(row)),
    h("span", { class: "firm" }, firm(row)),
    h("span", {}, picture.medals && award(row, picture)),
    h("b", { class: "total" }, row.place ? row.total : progressChip(row)),
  );
}

/** The line above the rows that are not ranked. @param {Picture} picture */
export function apart(picture) {
  const width = 4 + picture.columns.length + [picture.named, picture.scaled, picture.medals].filter(Boolean).length;
  return h("tr", { class: "apart", "data-key": "" }, h("th", { class: "xs q", colspan: width, scope: "rowgroup" }, t("board.unranked")));
}

/** @param {Picture} picture */
export function heads(picture) {
  return h(
    "tr", { "data-part": "heads" },
    h("th", { class: "place", scope: "col" }, t("board.place")),
    h("th", { class: "change", scope: "col" }, h("span", { class: "vh" }, t("board.change"))),
    h("th", { class: "name", scope: "col" }, t(picture.named ? "board.name" : "board.code")),
    picture.named && h("th", { class: "col-wide", scope: "col" }, t("board.delegation")),
    picture.columns.map((/** @type {any} */ column) =>
      h("th", { class: "num col-wide", scope: "col" }, said(column.name), h("br"), `/${column.max}`)),
    picture.scaled && h("th", { class: "num col-wide", scope: "col" }, t("board.scale")),
    h("th", { class: "total", scope: "col" }, t("board.total"), h("br"), `/${picture.max}`),
    picture.medals && h("th", { class: "award", scope: "col" }, t(awarded(picture))),
  );
}

/** @param {Picture} picture */
function statusOf(picture) {
  const { kind, version, corrected, level } = picture.status;
  if (kind === "live") return chip("prov", "half", t(`board.live_${level}`));
  const [look, sign] = /** @type {Record<string, string[]>} */ (CHIPS)[kind === "official" && corrected ? "corrected" : kind];
  const time = kind === "frozen" && picture.as_of ? clock(picture.as_of, picture.zone) : "";
  return chip(look, sign, t(`status.${kind === "official" && corrected ? "corrected" : kind}`, { version, time }));
}

/** @param {Picture} picture */
const asOf = (picture) => picture.as_of && h("span", { class: "q" }, t("ui.asof", { time: clock(picture.as_of, picture.zone, true) }));

/** The head of the column of awards. @param {Picture} picture */
function awarded(picture) {
  if (picture.rows.some((/** @type {Row} */ row) => row.prize)) return "board.prize";
  return official(picture) ? "board.medal" : "board.medal_now";
}

/** @param {Picture} picture */
export const state = (picture) => h(
  "span", { class: "row row--wrap", "data-part": "state" }, statusOf(picture),
  picture.counts.of > 0 && h("span", { class: "col-wide" }, t("board.ranked", picture.counts)), asOf(picture),
);

/** @param {string} kind @param {string | undefined} value */
const won = (kind, value) => (!value ? h("span", {}, "–") : kind === "medal" ? medal(value, true) : prize(value, true));

/** What a correction took from whom and gave to whom. @param {Picture} picture */
const taken = (picture) => picture.awards && h(
  "ul", { class: "feed awards" },
  picture.awards.map((/** @type {any} */ one) => h(
    "li", {},
    h("span", { class: "grow" }, who(one), some(one.delegation) && [" ", h("span", { class: "q" }, pick(one.delegation))]),
    h("span", { class: "row row--wrap" },
      !one.after ? h("b", { class: "awards__lost" }, t("award.way_lost")) : h("b", {}, t(one.before ? "award.way_changed" : "award.way_gained")),
      won(one.kind, one.before), h("span", { "aria-hidden": "true" }, "→"), won(one.kind, one.after)),
  )),
  picture.awards_more && h("li", { class: "q" }, t("award.more", { n: picture.awards_more })),
);

/** @param {any} row @param {Picture} picture */
const team = (row, picture) => h(
  "tr", {},
  h("td", { class: "place" }, row.place ? place(row.place, row.tied) : h("span", { class: "xs q" }, t("team.short"))),
  h("th", { scope: "row" }, said(row.name)),
  h("td", {}, row.counted.flatMap((/** @type {any} */ one) => [h("span", { class: "nw" }, who(one)), " "])),
  h("td", { class: "num" }, row.sum),
  h("td", {}, row.prize && prize(row.prize, official(picture))),
);

/** The list of teams of a result, where its rules have one. @param {Picture} picture */
export function teams(picture) {
  const shown = picture.teams?.length > 0;
  const heads = [["board.place"], ["team.name"], ["team.counted"], ["team.sum", "num"], ["board.prize"]];
  return h(
    "section", { class: "panel", "data-part": "teams", hidden: !shown },
    shown && [
      h("div", { class: "panel__h" }, h("h2", {}, t("team.title"))),
      h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("team.title") }, h(
        "table", { class: "t" },
        h("thead", {}, h("tr", {}, heads.map(([code, cls]) => h("th", { scope: "col", class: cls }, t(code))))),
        h("tbody", {}, picture.teams.map((/** @type {any} */ row) => team(row, picture))),
      )),
    ],
  );
}

/** @param {Picture} picture */
export function notes(picture) {
  const marking = picture.status.marking === "drawn" ? "setup" : picture.status.marking;
  const why = picture.status.kind === "annulled" ? "annulled" : marking;
  return h(
    "div", { "data-part": "notes" },
    pick(picture.note) && h("div", { class: "msg msg--warn" }, icon("note"), h("div", {}, h("b", {}, t("board.correction")), " ", said(picture.note), taken(picture))),
    picture.rows.length === 0 && h("p", { class: "empty" }, t(`board.empty_${why}`)),
  );
}

/** The head of the big screen: status and a clock to be read from afar. @param {Picture} picture */
export const wallState = (picture) => h(
  "div", { class: "row", "data-part": "state" }, statusOf(picture),
  picture.as_of && h("p", { class: "asof" }, t("ui.asof", { time: "" }), h("b", {}, clock(picture.as_of, picture.zone, true))),
);

/** @param {Picture} picture */
export function wallCount(picture) {
  const n = picture.counts.of - picture.counts.ranked;
  return h("span", { class: "end", "data-part": "count" }, n > 0 && t("board.unranked_n", { n }));
}

// ---------------------------------------------------------------- lines from component to component

/** @param {Picture} picture */
export const hasLines = (picture) => picture.columns.length > 1 && picture.columns.length < 7 && Boolean(picture.rows[0]?.lane);

/** @param {Picture} picture @param {boolean} wall */
export function bump(picture, wall) {
  const shown = hasLines(picture);
  const title = h("h2", {}, t("board.bump"));
  return h(
    "section", { class: !wall && "panel", "data-part": "bump", hidden: !shown },
    shown && [wall ? title : h("div", { class: "panel__h" }, title), lines(picture)],
  );
}

/** @param {Picture} picture */
function lines(picture) {
  const rows = picture.rows.filter((/** @type {any} */ row) => row.lane);
  const last = picture.columns.length - 1;
  const height = 44 + 36 * rows.length;
  const x = (/** @type {number} */ index) => 20 + Math.floor((248 * index) / last);
  const y = (/** @type {number} */ lane) => 48 + 36 * lane;
  return drawing(
    "svg", { class: "bump", viewBox: `0 0 376 ${height}`, role: "img", "aria-label": t("board.bump_alt", { n: rows.length }) },
    picture.columns.flatMap((/** @type {any} */ column, /** @type {number} */ index) => [
      drawing("text", { x: index ? x(index) : 2, y: 16, "text-anchor": index ? "middle" : "start" }, cut(pick(column.name))),
      drawing("path", { class: "bump__axis", d: `M${x(index)} 30V${height - 8}` }),
    ]),
    [...rows].reverse().map((/** @type {any} */ row) => line(row, last, x, y)),
  );
}

/** @param {string} text */
const cut = (text) => [...text].slice(0, 10).join("");

/** @param {any} row @param {number} last @param {(index: number) => number} x @param {(lane: number) => number} y */
function line(row, last, x, y) {
  const zone = ["gold", "silver", "bronze"].includes(row.medal);
  const look = (/** @type {string} */ name) => (zone ? `bump__${name} bump__${name}--zone` : `bump__${name}`);
  const path = row.lane.map((/** @type {number} */ lane, /** @type {number} */ index) => {
    if (index === 0) return `M${x(0)} ${y(lane)}`;
    const middle = Math.floor((x(index) + x(index - 1)) / 2);
    return `C${middle} ${y(row.lane[index - 1])} ${middle} ${y(lane)} ${x(index)} ${y(lane)}`;
  });
  const name = some(row.name) ? pick(row.name) : row.code ?? "";
  return drawing(
    "g", { "data-lane": row.key }, drawing("path", { class: look("line"), d: path.join("") }),
    row.lane.flatMap((/** @type {number} */ lane, /** @type {number} */ index) => {
      const end = index === 0 || index === last;
      const label = index === 0 ? row.trail[0] : `${row.tied ? "=" : ""}${row.place}`;
      return [
        drawing("circle", { class: look("node"), cx: x(index), cy: y(lane), r: end ? 14 : 5 }),
        end && drawing("text", { class: "bump__place", x: x(index), y: y(lane) + 5 }, `${label}`),
      ];
    }),
    drawing("text", { class: "bump__name", x: 291, y: y(row.lane[last]) + 5 }, cut(name.split("·")[0])),
  );
}

// ---------------------------------------------------------------- the medal table

/** A whole per cent, half up, in whole numbers only. @param {number} n @param {number} most */
const share = (n, most) => (most ? Math.floor((200 * n + most) / (2 * most)) : 0);

/** @param {MedalRow} row @param {Picture} picture */
export function medalRow(row, picture) {
  const most = Math.max(...picture.rows.map((/** @type {MedalRow} */ other) => other.total));
  return h(
    "tr", { "data-key": row.key },
    h("td", { class: "place" }, place(row.place, row.tied)),
    h("th", { scope: "row" }, said(row.name, "b"), second(row.name)),
    [row.gold, row.silver, row.bronze].map((n) => h("td", { class: "num c" }, `${n}`)),
    h("td", { class: "num" }, `${row.excellence}`),
    h("td", { class: "num b" }, `${row.total}`),
    h("td", {}, h("span", { class: "bar", "aria-hidden": "true" },
      [["g", row.gold], ["s", row.silver], ["b", row.bronze]].map(([which, n]) =>
        n !== 0 && h("i", { class: `bar__${which} p${share(Number(n), most)}` })))),
    h("td", { class: "num" }, row.points),
  );
}

/** @param {Picture} picture */
export function sums(picture) {
  const { gold, silver, bronze, excellence, total } = picture.sums;
  return h(
    "tr", { "data-part": "sums" }, h("td"), h("th", { scope: "row" }, t("medals.all", { n: picture.rows.length })),
    [gold, silver, bronze].map((n) => h("td", { class: "num c" }, `${n}`)),
    h("td", { class: "num" }, `${excellence}`), h("td", { class: "num b" }, `${total}`), h("td"), h("td"),
  );
}

/** @param {Picture} picture */
export function medalState(picture) {
  const { kind } = picture.status;
  const percent = share(picture.counts.counted, picture.counts.of);
  const [look, sign] = /** @type {Record<string, string[]>} */ (CHIPS)[kind];
  return h(
    "span", { class: "row row--wrap", "data-part": "state" },
    chip(look, sign, t(kind === "none" ? "status.none" : `status.${kind}_plain`)),
    h("b", {}, t("medals.counted", picture.counts)),
    h("span", { class: "progress dwell", role: "img", "aria-label": t("ui.percent", { percent }) }, h("i", { class: `p${percent}` })),
    asOf(picture),
  );
}

/** @param {any} found */
const contest = (found) => h("b", {}, said(found.title), pick(found.group) && [" ", said(found.group)]);

/** @param {Picture} picture */
export const recent = (picture) => h("ul", { "data-part": "recent" }, picture.recent.map((/** @type {any} */ found) => h(
  "li", { class: "panel__b" },
  h("div", { class: "row row--between" }, contest(found),
    chip("official", "shield", t(found.corrected ? "status.corrected" : "status.official", { version: found.version }))),
  h("p", {}, found.winners.length
    ? found.winners.flatMap((/** @type {any} */ winner) =>
      [h("span", { class: "nw" }, medal(winner.medal, true), " ", said(winner.delegation)), " "])
    : t("medals.no_medals")),
)));

/** @param {Picture} picture */
export const waiting = (picture) => h("ul", { class: "feed", "data-part": "waiting" }, picture.waiting.map((/** @type {any} */ found) => h(
  "li", {}, icon(/** @type {Record<string, string>} */ (WHYS)[found.why]), h("span", { class: "grow" }, contest(found)),
  h("span", { class: "q" }, t(`medals.why_${found.why}`)),
)));

/** @param {any} one */
const bestWho = (one) => h(
  "span", {}, some(one.name) ? said(one.name, "b") : h("span", { class: "q" }, t("board.nameless")), " ",
  h("span", { class: "q" }, said(one.title), pick(one.group) && [" ", said(one.group)]),
);

/** The best of all and of each delegation. @param {Picture} picture */
export function best(picture) {
  const shown = picture.best;
  return h(
    "section", { class: "panel", "data-part": "best", hidden: !shown },
    shown && [
      h("div", { class: "panel__h" }, h("h2", {}, t("best.title"))),
      h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("best.title") }, h(
        "table", { class: "t" },
        h("tbody", {}, shown.overall.map((/** @type {any} */ one) => h(
          "tr", { class: "b" }, h("th", { scope: "row" }, t("best.overall")), h("td", {}, bestWho(one)),
          h("td", {}, said(one.delegation)), h("td", { class: "num" }, one.scale)))),
        h("tbody", {},
          h("tr", {}, h("th", { scope: "rowgroup", colspan: 4, class: "xs q" }, t("best.delegations"))),
          shown.delegations.map((/** @type {any} */ row) => h(
            "tr", {}, h("th", { scope: "row" }, said(row.name)),
            h("td", { colspan: 2 }, row.who.flatMap((/** @type {any} */ one) => [bestWho(one), " "])),
            h("td", { class: "num" }, row.scale)))),
      )),
    ],
  );
}
