/**
 * Draws a described tree into the page and changes only what differs, so that focus, scroll and a tap under way survive.
 *
 * All text goes in as text nodes: nothing that was typed or sent is ever read as HTML.
 */

import { lang, pick, t } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const ICONS = document.documentElement.dataset.icons ?? "/static/icons.svg";

/** @typedef {{tag: string, props: Record<string, any>, children: (Tree | string)[]}} Tree */
/** @typedef {Tree | string | number | null | undefined | false | Content[]} Content */

/** What each drawn element was drawn from. @type {WeakMap<Node, Tree>} */
const drawn = new WeakMap();

/**
 * One element: attributes, `on...` handlers, `key` (which keeps it the same element), then its content.
 * @param {string} tag @param {Record<string, any> | null} [props] @param {...Content} children @returns {Tree}
 */
export function h(tag, props = null, ...children) {
  return { tag, props: props ?? {}, children: flat(children) };
}

/** @param {Content} content @returns {(Tree | string)[]} */
function flat(content) {
  if (Array.isArray(content)) return content.flatMap(flat);
  if (content === null || content === undefined || content === false || content === "") return [];
  return [typeof content === "number" ? String(content) : content];
}

/** An icon of the sprite. @param {string} name */
export const icon = (name) => h("svg", { class: "i", "aria-hidden": "true" }, h("use", { href: `${ICONS}#${name}` }));

/** Words that are read but not seen. @param {Content} content */
export const hidden = (content) => h("span", { class: "vh" }, content);

/** A thing's name, marked with its language where that is not the page's. @param {Record<string, string> | null | undefined} words */
export function named(words) {
  const text = pick(words);
  const its = words?.[lang()] === text ? "" : (Object.entries(words ?? {}).find(([, value]) => value === text)?.[0] ?? "");
  return its && text ? h("span", { lang: its }, text) : text;
}

/** A button; `why` makes it dashed and not usable for now, and is what it says. @param {Record<string, any>} props @param {...Content} children */
export function button(props, ...children) {
  const { look = "", why = "", ...rest } = props;
  const looks = [...(why ? ["wait"] : []), ...(look ? look.split(" ") : [])].map((one) => ` btn--${one}`).join("");
  return h("button", { type: "button", ...rest, class: `btn${looks}${props.class ? ` ${props.class}` : ""}`, ...(why && { "aria-disabled": "true" }) }, children);
}

/**
 * A message line; the first sentence is bold, the rest says what to do.
 * @param {"ok" | "warn" | "stop" | "lock"} kind @param {string} text @param {{more?: string, live?: string, key?: string}} how @param {...Content} actions
 */
export function message(kind, text, how = {}, ...actions) {
  const sign = { ok: "double-check", warn: "triangle", stop: "octagon", lock: "lock" }[kind];
  const cut = lang() === "zh-CN" ? text.indexOf("。") + 1 : text.indexOf(". ") + 1;
  const end = cut || text.length;
  return h(
    "div",
    { class: `msg msg--${kind}`, role: how.live, key: how.key ?? text },
    icon(sign),
    h("div", null, h("b", null, text.slice(0, end)), text.slice(end), how.more && ` ${how.more}`),
    actions,
  );
}

/** @param {Node} node @param {Tree} tree */
function dress(node, tree) {
  const element = /** @type {any} */ (node);
  // The very same description: a row that nothing happened to is not walked through.
  if (drawn.get(node) === tree) return;
  const before = drawn.get(node)?.props ?? {};
  for (const name of Object.keys(before)) if (!(name in tree.props)) put(element, name, null);
  for (const [name, value] of Object.entries(tree.props)) if (before[name] !== value || name === "value") put(element, name, value);
  drawn.set(node, tree);
  draw(element, tree.children);
}

/** @param {any} element @param {string} name @param {any} value */
function put(element, name, value) {
  if (name === "key") return;
  if (name.startsWith("on")) element[name] = value;
  // Custom properties only: a style attribute is against the page's policy.
  else if (name === "vars") for (const [key, one] of Object.entries(value ?? {})) element.style.setProperty(key, one);
  else if (name === "value" && "value" in element && element.tagName !== "BUTTON") {
    if (element.value !== (value ?? "")) element.value = value ?? "";
  } else if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : String(value));
}

/** @param {Tree | string} tree @param {Element} parent */
function make(tree, parent) {
  if (typeof tree === "string") return document.createTextNode(tree);
  const svg = tree.tag === "svg" || (parent.namespaceURI === SVG && parent.tagName !== "foreignObject");
  return svg ? document.createElementNS(SVG, tree.tag) : document.createElement(tree.tag);
}

/** What must be equal for a node to be used again. @param {Tree | string} tree */
const mark = (tree) => (typeof tree === "string" ? "#text" : `${tree.tag}|${tree.props.key ?? ""}`);

/** Make the children of an element what is described. @param {Element} parent @param {Content} content */
export function draw(parent, content) {
  const wanted = flat(content);
  /** @type {Map<string, Node[]>} */
  const free = new Map();
  for (const node of parent.childNodes) {
    const tree = drawn.get(node);
    const name = tree ? mark(tree) : node.nodeType === Node.TEXT_NODE ? "#text" : "#foreign";
    free.get(name)?.push(node) ?? free.set(name, [node]);
  }
  let here = parent.firstChild;
  for (const tree of wanted) {
    const node = free.get(mark(tree))?.shift() ?? make(tree, parent);
    if (node === here) here = here.nextSibling;
    else parent.insertBefore(node, here);
    if (typeof tree === "string") {
      if (node.nodeValue !== tree) node.nodeValue = tree;
    } else dress(node, tree);
  }
  for (const nodes of free.values()) for (const node of nodes) node.parentNode?.removeChild(node);
}

/**
 * Ask for a few words in a dialog.
 * @param {{title: string, value?: string, choices?: string[], max?: number, joins?: boolean, draft?: (said: string | null) => void}} how joins: a choice goes after what stands; draft: hears what is half-typed, null once it is not any more @returns {Promise<string | null>} null: left as it was
 */
export function askWords({ title, value = "", choices = [], max = 500, joins = false, draft = () => undefined }) {
  return new Promise((resolve) => {
    const dialog = document.createElement("dialog");
    const area = () => /** @type {HTMLTextAreaElement} */ (dialog.querySelector("textarea"));
    let kept = /** @type {string | null} */ (null);
    const keep = () => {
      kept = area().value.trim().slice(0, max);
      dialog.close();
    };
    const choose = (/** @type {string} */ text) => {
      const held = area().value.trim();
      area().value = joins && held ? `${held}${t("ui.list_semicolon")}${text}` : text;
      area().focus();
      draft(area().value);
    };
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) keep();
    });
    dialog.dataset.words = "1";
    dialog.setAttribute("aria-labelledby", "ask-title");
    draw(dialog, [
      h("div", { class: "dialog__h" }, h("h2", { id: "ask-title" }, title)),
      h(
        "div",
        { class: "dialog__b" },
        choices.length > 0 && h("div", { class: "quick" }, choices.map((text) => button({ look: "small", onclick: () => choose(text) }, text))),
        h("textarea", { rows: "4", maxlength: String(max), "aria-labelledby": "ask-title", value, oninput: () => draft(area().value) }),
      ),
      h(
        "div",
        { class: "dialog__f" },
        button({ look: "main", onclick: keep }, t("do.save")),
        button({ onclick: () => dialog.close() }, t("do.cancel")),
      ),
    ]);
    dialog.addEventListener("close", () => {
      if (dialog.dataset.locked) return; // the lock shows it again
      draft(null);
      dialog.remove();
      resolve(kept);
    });
    document.body.append(dialog);
    dialog.showModal();
    area().focus();
  });
}
