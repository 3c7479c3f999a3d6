/**
 * Views that the first keys do not need: fetched when one is drawn, and all of them once the page stands, so that they are there offline.
 */

import { h } from "./dom.js";
import { t } from "./words.js";

/** @typedef {import("./seat.js").App} App */
/** @typedef {import("./dom.js").Content} Content */

/** @type {Record<string, () => Promise<any>>} */
const WAYS = { columns: () => import("./seat_columns.js"), competitor: () => import("./seat_competitor.js"), grid: () => import("./seat_grid.js"), panel: () => import("./seat_panel.js"), reports: () => import("./seat_reports.js"), shared: () => import("./seat_shared.js") };
/** @type {Record<string, any>} */
const here = {};

/** Fetch one; what failed is asked for again the next time. @param {string} name @param {App} app */
async function bring(name, app) {
  here[name] ??= await WAYS[name]();
  app.changed();
}

/** Fetch what is not here yet. @param {App} app */
export const bringAll = (app) => Promise.all(Object.keys(WAYS).map((name) => here[name] ?? bring(name, app))).then(() => here.shared.attend(app));

/** The judges of this tablet, and the way from one to another. @param {App} app */
export const others = (app) => bring("shared", app).then(() => here.shared.choose(app)).catch(() => undefined);

/** @param {string} name @param {string} view @returns {(app: App, ...rest: any[]) => Content[]} */
const later = (name, view) => (app, ...rest) => {
  if (here[name]) return here[name][view](app, ...rest);
  bring(name, app).catch(() => undefined);
  return [h("div", { class: "empty", role: "status", key: "later" }, h("p", {}, t("ui.loading")))];
};

export const columns = later("columns", "columns");
export const turns = later("columns", "turns");
export const heard = later("competitor", "heard");
export const grid = later("grid", "grid");
export const reports = later("reports", "reports");
export const spreadBoard = later("panel", "spreadBoard");
