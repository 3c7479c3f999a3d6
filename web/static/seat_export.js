/**
 * Writes what this tablet could not send into a file, for the console to bring in: the last way, when no connection helps.
 *
 * The marks stay here and keep their keys: should the tablet come back after all, the server finds them again and takes none twice.
 */

import { storeName } from "./seat_cold.js";

/** @typedef {import("./seat.js").App} App */

/** The file's content. @param {App} app */
export function unsentFile(app) {
  const [competition = "", ...seat] = storeName().split("/");
  const items = app.model.pending.map(({ k, at, seq, cmd }) => ({ k, at, seq: seq ?? 0, cmd }));
  return { compsys_unsent: 1, competition, seat: seat.join("/"), boot: app.outbox?.boot ?? "", saved: new Date().toISOString(), items };
}

/** Offer it as a download. @param {App} app */
export function saveUnsent(app) {
  const file = unsentFile(app);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(file)], { type: "application/json" }));
  link.download = `unsent-${file.seat.split("/").pop()}-${file.saved.slice(0, 19).replaceAll(":", "")}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
