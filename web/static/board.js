/**
 * Keeps a public board up to date: one WebSocket, a whole picture, then changes patched by row key.
 *
 * They go into the page as the server drew it. Without this script the page reloads itself.
 *
 * Nothing is computed here: places, totals and medals come as they are shown.
 */

import * as draw from "./board_rows.js";
import { t } from "./words.js";

/** @typedef {import("./board_rows.js").Picture} Picture */
/** @typedef {{set: Record<string, any>, rows: Record<string, any>, order?: string[]}} Change */

const BATCH = 2000;
const HOT = 6000;
const SPOKEN = 30000;
const PING = 25000;
const PATIENCE = 10000;
const LONGEST = 15000;
const DWELL = 12000;
const SHIFT = 5 * 60 * 1000;
const PER_PAGE = 10;

/** @param {string} name */
const told = (name) => document.querySelector(`meta[name="board-${name}"]`)?.getAttribute("content") ?? "";
/** @param {string} name @returns {HTMLElement | null} */
const part = (name) => document.querySelector(`[data-part="${name}"]`);
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const mode = told("mode");

// ---------------------------------------------------------------- from one picture to the next

/** The picture after a change; the same as compsys/boards.patch. @param {Picture} old @param {Change} change @returns {Picture} */
export function patch(old, change) {
  const rows = new Map(old.rows.map((/** @type {any} */ row) => [row.key, row]));
  for (const [key, row] of Object.entries(change.rows)) {
    if (row === null) rows.delete(key);
    else rows.set(key, row);
  }
  const order = change.order ?? [...rows.keys()];
  const fields = Object.entries({ ...old, ...change.set }).filter(([, value]) => value !== null);
  return /** @type {Picture} */ ({ ...Object.fromEntries(fields), rows: order.map((key) => rows.get(key)) });
}

// ---------------------------------------------------------------- drawing

/** @type {Picture | null} */
let drawn = null;
/** @type {Picture | null} */
let newest = null;
let drawnAt = -Infinity;
let timer = 0;

/** Draw the newest picture now, or when the last batch is two seconds old. @param {Picture} picture */
function show(picture) {
  newest = picture;
  if (timer) return;
  const wait = Math.max(0, drawnAt + BATCH - performance.now());
  timer = setTimeout(() => {
    timer = 0;
    drawnAt = performance.now();
    if (newest) render(newest);
  }, drawn ? wait : 0);
}

/** @param {Picture} picture */
function render(picture) {
  const before = drawn;
  const tops = new Map([...places()].map((row) => [row.dataset.key, row.getBoundingClientRect().top]));
  if (mode === "medals") renderMedals(picture);
  else renderBoard(picture);
  drawn = picture;
  if (before) {
    const changed = differences(before, picture);
    move(tops);
    heat(changed);
    tell(changed, picture);
  }
  document.documentElement.dataset.version = String(version);
}

/** @returns {NodeListOf<HTMLElement>} */
const places = () => document.querySelectorAll('[data-part="ranked"] > [data-key], [data-part="unranked"] > [data-key]');

/** @param {Picture} picture */
function renderBoard(picture) {
  put("notes", draw.notes(picture));
  put("bump", draw.bump(picture, mode === "wall"));
  put("teams", draw.teams(picture));
  if (mode === "wall") {
    put("state", draw.wallState(picture));
    put("count", draw.wallCount(picture));
    rows({ ranked: picture.rows.map((/** @type {any} */ row) => draw.wallRow(row, picture)) });
    turn(page);
    return;
  }
  put("state", draw.state(picture));
  put("heads", draw.heads(picture));
  const columns = part("columns");
  if (columns) columns.className = draw.hasLines(picture) ? "columns--board" : "stack";
  const made = picture.rows.map((/** @type {any} */ row) => draw.boardRow(row, picture));
  const ranked = picture.rows.filter((/** @type {any} */ row) => row.place).length;
  rows({ ranked: made.slice(0, ranked), unranked: ranked < made.length ? [draw.apart(picture), ...made.slice(ranked)] : [] });
}

/** @param {Picture} picture */
function renderMedals(picture) {
  put("state", draw.medalState(picture));
  rows({ ranked: picture.rows.map((/** @type {any} */ row) => draw.medalRow(row, picture)) });
  put("sums", draw.sums(picture));
  put("recent", draw.recent(picture));
  put("waiting", draw.waiting(picture));
  put("best", draw.best(picture));
  const heading = part("waiting-n");
  if (heading) heading.textContent = t("medals.waiting", { n: picture.waiting.length });
  const filled = picture.rows.length;
  const shown = { "recent-panel": picture.recent.length, "waiting-panel": picture.waiting.length, table: filled, empty: !filled };
  for (const [name, wanted] of Object.entries(shown)) {
    const found = part(name);
    if (found) found.hidden = !wanted;
  }
}

/** Put a part in the place of the one of its name, unless they are the same. @param {string} name @param {HTMLElement} made */
function put(name, made) {
  const old = part(name);
  if (old && !old.isEqualNode(made)) old.replaceWith(made);
}

/** Keyed rows: each keeps its element for as long as its key stays, whichever box it is in. @param {Record<string, HTMLElement[]>} boxes */
function rows(boxes) {
  const known = new Map([...places()].map((row) => [row.dataset.key, row]));
  for (const [name, made] of Object.entries(boxes)) {
    const box = part(name);
    made.forEach((row, index) => {
      const old = known.get(row.dataset.key);
      if (old) morph(old, row);
      known.delete(row.dataset.key);
      const here = old ?? row;
      if (box && box.children[index] !== here) box.insertBefore(here, box.children[index] ?? null);
    });
  }
  for (const row of known.values()) row.remove();
}

/** Make a row look like another one without losing itself; what only the screen knows of it stays. @param {HTMLElement} row @param {HTMLElement} like */
function morph(row, like) {
  like.hidden = row.hidden;
  if (row.classList.contains("is-hot")) like.classList.add("is-hot");
  if (row.isEqualNode(like)) return;
  for (const { name } of [...row.attributes]) if (!like.hasAttribute(name)) row.removeAttribute(name);
  for (const { name, value } of [...like.attributes]) row.setAttribute(name, value);
  row.replaceChildren(...like.childNodes);
}

// ---------------------------------------------------------------- what changed

/** The rows that say something new, the highest first; not those that only make room. @param {Picture} before @param {Picture} after */
function differences(before, after) {
  const old = new Map(before.rows.map((/** @type {any} */ row) => [row.key, row]));
  return after.rows.flatMap((/** @type {any} */ row) => {
    const was = old.get(row.key);
    const same = was && !was.place === !row.place && was.total === row.total && was.status === row.status && was.points === row.points
      && JSON.stringify(was.components) === JSON.stringify(row.components);
    return same ? [] : [{ row, was }];
  });
}

/** Rows glide from where they stood. @param {Map<string | undefined, number>} tops */
function move(tops) {
  if (calm.matches || document.hidden) return;
  for (const row of places()) {
    const before = tops.get(row.dataset.key);
    const box = row.getBoundingClientRect();
    if (before === undefined || box.height === 0 || Math.abs(before - box.top) < 1) continue;
    if (box.bottom < 0 || (box.top > innerHeight && before > innerHeight)) continue;
    row.animate([{ transform: `translateY(${before - box.top}px)` }, { transform: "none" }], { duration: 480, easing: "cubic-bezier(.2, 0, 0, 1)" });
  }
}

/** @param {{row: any, was: any}[]} changed */
function heat(changed) {
  for (const { row } of changed) {
    const element = [...places()].find((found) => found.dataset.key === row.key);
    element?.classList.add("is-hot");
    setTimeout(() => {
      element?.classList.remove("is-hot");
      if (element?.className === "") element.removeAttribute("class");
    }, HOT);
  }
}

let spokenAt = -Infinity;

/** The list of last changes, and at most every half minute one sentence for those who listen. @param {{row: any, was: any}[]} changed @param {Picture} picture */
function tell(changed, picture) {
  const list = part("changes");
  const scored = changed.filter(({ row, was }) => row.place || was?.place);
  if (!list || scored.length === 0 || picture.kind !== "board") return;
  const time = picture.as_of ? draw.clock(picture.as_of, picture.zone) : "";
  const told = scored.slice(0, 3).map(({ row, was }) => [draw.pick(row.name) || row.code || row.key, sentence(row, was)]);
  for (const [name, words] of [...told].reverse()) {
    list.prepend(draw.h("li", {}, draw.h("time", {}, time), draw.h("span", {}, draw.h("b", {}, name), " ", words)));
  }
  while (list.children.length > (mode === "wall" ? 2 : 6)) list.lastElementChild?.remove();
  const panel = part("now");
  if (panel) panel.hidden = false;
  const spoken = part("spoken");
  if (spoken && performance.now() - spokenAt > SPOKEN) {
    spokenAt = performance.now();
    spoken.textContent = told[0].join(" ");
  }
}

/** @param {any} row @param {any} was */
function sentence(row, was) {
  const { place, total } = row;
  if (!place) return t("board.says_out");
  if (!was?.place) return t("board.says_in", { place, total });
  const n = was.place - place;
  return n === 0 ? t("board.says_score", { place, total }) : t(n > 0 ? "board.says_up" : "board.says_down", { n: Math.abs(n), place, total });
}

// ---------------------------------------------------------------- the connection

let run = "";
let version = 0;
/** @type {Picture | null} */
let held = null;
/** @type {WebSocket | null} */
let socket = null;
let tries = 0;
let opened = false;
/** As of when the picture is, while it may not be the newest ("" = not known); null while it is. @type {string | null} */
let behind = null;
let retryAt = 0;
let retry = 0;
let silence = 0;

function connect() {
  clearTimeout(retry);
  retry = 0;
  opened = false;
  say("ring", t("board.connecting"));
  const mine = new WebSocket(`${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/live/board?topic=${encodeURIComponent(told("topic"))}`);
  socket = mine;
  mine.onmessage = (event) => mine === socket && hear(JSON.parse(event.data));
  mine.onclose = () => mine === socket && lost();
  listen(PATIENCE);
}

/** Give up on a connection on which nothing comes. @param {number} patience */
function listen(patience) {
  clearTimeout(silence);
  silence = setTimeout(() => {
    if (opened && patience === PING) {
      socket?.send('{"m":"ping"}');
      listen(PATIENCE);
    } else {
      drop();
    }
  }, patience);
}

/** @param {any} message */
function hear(message) {
  listen(PING);
  if (message.m === "whole") {
    [opened, tries, run, version, held, behind] = [true, 0, message.run, message.v, message.picture, null];
    link();
    show(message.picture);
  } else if (message.m === "change" && held && message.run === run && message.base === version) {
    version = message.v;
    held = patch(held, message);
    show(held);
  } else if (message.m === "change") {
    // A version is missing: the next connection begins with the whole.
    drop();
  } else if (message.m === "behind" || message.m === "current") {
    behind = message.as_of ?? null;
    link();
  } else if (message.m === "bye" && message.code === "unknown_topic") {
    [socket, held] = [null, null];
    clearTimeout(silence);
    setTimeout(() => location.reload(), 2 * LONGEST * (1 + Math.random()));
  }
}

/** What there is to say of an open connection: that the page keeps itself up to date, or that its news is late. */
function link() {
  if (behind === null) say("disc", t("ui.live"));
  else say("pause", behind ? t("board.behind", { time: draw.clock(behind, told("zone"), true) }) : t("board.behind_unknown"));
}

/** Leave a connection without waiting for the other side to agree. */
function drop() {
  const old = socket;
  socket = null;
  old?.close();
  lost();
}

/** Come back later: after a loss spread over fifteen seconds, so that not all spectators return at once. */
function lost() {
  socket = null;
  clearTimeout(silence);
  const longest = opened ? LONGEST : Math.min(LONGEST, 500 * 2 ** tries);
  tries += 1;
  opened = false;
  later(Math.random() * longest);
  if (tries > 3) poll();
}

/** @param {number} wait */
function later(wait) {
  clearTimeout(retry);
  retryAt = performance.now() + wait;
  retry = setTimeout(connect, wait);
  count();
}

function count() {
  if (!retry) return;
  say("barred", t("ui.not_live", { seconds: Math.max(1, Math.ceil((retryAt - performance.now()) / 1000)) }));
}

/** Where no socket comes through, the picture still does. */
async function poll() {
  try {
    const answer = await fetch(told("data"));
    if (answer.ok && !opened) show(await answer.json());
  } catch {
    // The server is away: the next try says so again.
  }
}

/** @param {string} sign @param {string} words */
function say(sign, words) {
  const line = part("link");
  line?.classList.toggle("is-live", sign === "disc");
  line?.classList.toggle("is-old", sign === "pause");
  const made = draw.h("span", {}, draw.icon(sign), ` ${words}`);
  if (line && line.textContent !== made.textContent) line.replaceChildren(...made.childNodes);
}

function wake() {
  if (document.hidden || opened) return;
  tries = 0;
  if (retry) later(Math.random() * 500);
}

// ---------------------------------------------------------------- the wall

let page = 0;
let turned = performance.now();

/** Show one page of the wall's rows. @param {number} to */
function turn(to) {
  const all = [...places()];
  const count = Math.max(1, Math.ceil(all.length / PER_PAGE));
  page = to % count;
  all.forEach((row, index) => { row.hidden = Math.floor(index / PER_PAGE) !== page; });
  const made = Array.from({ length: all.length ? count : 0 }, (_, index) => draw.h(
    "li", { class: index === page && "is-on" },
    t("board.rows", { from: index * PER_PAGE + 1, to: Math.min(all.length, (index + 1) * PER_PAGE) }),
  ));
  part("pages")?.replaceChildren(...made);
}

function dwell() {
  const passed = performance.now() - turned;
  const several = (part("pages")?.children.length ?? 0) > 1;
  const bar = part("dwell");
  if (bar) bar.hidden = !several;
  /** @type {HTMLElement | null} */ (bar?.firstElementChild ?? null)?.style.setProperty("--p", String(Math.min(100, (100 * passed) / DWELL)));
  const words = part("dwell-words");
  if (words) words.textContent = several ? t("board.next_page", { n: Math.max(1, Math.ceil((DWELL - passed) / 1000)) }) : "";
  if (passed >= DWELL) {
    turned = performance.now();
    turn(page + 1);
  }
}

// ---------------------------------------------------------------- begin

if (told("topic")) {
  setInterval(count, 1000);
  addEventListener("online", wake);
  addEventListener("pageshow", wake);
  document.addEventListener("visibilitychange", wake);
  if (mode === "wall") {
    setInterval(dwell, 500);
    let shifts = 0;
    setInterval(() => {
      shifts += 1;
      document.body.style.translate = `${4 * (shifts % 2)}px ${4 * ((shifts >> 1) % 2)}px`;
    }, SHIFT);
  }
  connect();
}
