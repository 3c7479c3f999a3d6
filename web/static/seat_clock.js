/**
 * Tells by the server's clock how much of a session or a discussion is left; a clock that runs out only says so.
 *
 * The tablet's own clock may be wrong or be set while the page is open, so it is never asked: what counts is the time that the
 * server said, and how long ago this page heard it by a clock that only goes forward.
 */

const SAMPLES = 8;

/** The server's time, from what it said. */
export class ServerClock {
  /** @param {() => number} ticks milliseconds that only go forward */
  constructor(ticks = () => performance.now()) {
    this.ticks = ticks;
    /** the server's time less ours, as the newest messages had it @type {number[]} */
    this.offsets = [];
  }

  /** The server said what time it is. @param {string | undefined} time */
  heard(time) {
    if (time) this.offsets = [...this.offsets.slice(1 - SAMPLES), Date.parse(time) - this.ticks()];
  }

  /** The server's time in ms, null before it was heard. A message is never early: of the newest ones the fastest is right. */
  get now() {
    return this.offsets.length ? Math.floor(Math.max(...this.offsets) + this.ticks()) : null;
  }
}

/**
 * Where a session's clock stands, as a word with parameters; null where there is nothing to tell.
 * @param {any} session the wire's session @param {number} credit extra seconds @param {number | null} now the server's time
 * @returns {{word: "left" | "over" | "paused" | "gone" | "ended", time: string} | null}
 */
export function clockOf(session, credit, now) {
  if (!session?.started) return null;
  if (session.state === "stopped") return { word: "ended", time: "" };
  const upto = session.state === "paused" ? Date.parse(session.paused_at) : now;
  if (upto === null) return null;
  const gone = Math.max(0, upto - Date.parse(session.started) - session.paused_ms);
  if (!session.minutes) return { word: session.state === "paused" ? "paused" : "gone", time: spoken(Math.floor(gone / 1000)) };
  const left = session.minutes * 60 + credit - Math.floor(gone / 1000);
  if (left < 0) return { word: "over", time: spoken(-left) };
  return { word: session.state === "paused" ? "paused" : "left", time: spoken(left) };
}

/** Whole seconds since a moment of the server, null before its time is known. @param {string | undefined} since @param {number | null} now */
export const secondsSince = (since, now) => (since && now !== null ? Math.max(0, Math.floor((now - Date.parse(since)) / 1000)) : null);

/** Seconds as minutes and seconds, from an hour on with hours. @param {number} seconds */
export function spoken(seconds) {
  const two = (/** @type {number} */ n) => String(Math.floor(n)).padStart(2, "0");
  const rest = `${two((seconds / 60) % 60)}:${two(seconds % 60)}`;
  return seconds < 3600 ? rest : `${Math.floor(seconds / 3600)}:${rest}`;
}
