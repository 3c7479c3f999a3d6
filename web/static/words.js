/**
 * Speaks the catalogue in the browser: the same codes and sentences as the server, from /static/words.<lang>.<hash>.json.
 *
 * The page names both files in <html data-words data-words-other>. Import is enough; nothing is spoken before it is loaded.
 */

/** @typedef {{lang: string, words: Record<string, string>, todo: Record<string, string>}} Table */
/** @typedef {Record<string, string | number>} Params */

const root = document.documentElement;

/** @type {Record<string, Promise<Table>>} */
const loading = {};

/** @param {string | undefined} url @returns {Promise<Table>} */
function load(url) {
  if (!url) return Promise.resolve({ lang: root.lang, words: {}, todo: {} });
  const asked = (loading[url] ??= fetch(url).then((answer) => answer.json()));
  // What failed is asked for again the next time.
  asked.catch(() => loading[url] === asked && delete loading[url]);
  return asked;
}

/** @type {Table} */
let table = await load(root.dataset.words);

/** The language spoken now. @returns {string} */
export const lang = () => table.lang;

/**
 * A sentence with its parameters put in; {n:mark|marks} chooses a word, the first one for "1"; [[, place {n}]] is left out
 * where a parameter in it is missing or empty.
 * @param {string} sentence @param {Params} params
 */
export function fill(sentence, params) {
  const whole = sentence.replace(/\[\[(.*?)\]\]/g, (_, inner) => {
    const names = [...inner.matchAll(/\{(\w+)/g)].map((found) => found[1]);
    return names.every((name) => String(params[name] ?? "") !== "") ? inner : "";
  });
  return whole.replace(/\{(\w+)(?::([^|{}]*)\|([^|{}]*))?\}/g, (found, name, one, many) => {
    if (!(name in params)) return found;
    const value = String(params[name]);
    return one === undefined ? value : value === "1" ? one : many;
  });
}

/** The sentence of a code; an unknown code is shown as itself. @param {string} code @param {Params} [params] */
export const t = (code, params = {}) => fill(table.words[code] ?? code, params);

/** What to do about a code, "" where nobody has to act. @param {string} code @param {Params} [params] */
export const todo = (code, params = {}) => fill(table.todo[code] ?? "", params);

/** A thing's name in the language spoken now, else in the one it has. @param {Record<string, string> | null | undefined} words */
export const pick = (words) => words?.[table.lang] || Object.values(words ?? {}).find(Boolean) || "";

/** A thing's name in the other language, "" if none. @param {Record<string, string> | null | undefined} words */
export const second = (words) => Object.entries(words ?? {}).find(([key, text]) => key !== table.lang && text && text !== pick(words))?.[1] ?? "";

/** Fetch the other language as well, so that a tablet can switch without a network. */
export const preload = () => load(root.dataset.wordsOther);

/**
 * Speak the other language from now on; the page redraws itself. The choice is remembered for the next page.
 * @returns {Promise<string>} the language spoken now
 */
export async function switchLanguage() {
  const next = await preload();
  [root.dataset.words, root.dataset.wordsOther] = [root.dataset.wordsOther, root.dataset.words];
  table = next;
  root.lang = next.lang;
  document.cookie = `lang=${next.lang};path=/;max-age=31536000;samesite=lax`;
  return next.lang;
}
