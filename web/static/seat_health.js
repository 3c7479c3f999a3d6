/**
 * Knows how this tablet is: its battery, how far its clock is from the server's, which version of the page it runs.
 */

/** The version of this page: the folder its files came from, "" when they were asked for by their plain names. */
export const PAGE = /\/static\/([0-9a-f]+)\//.exec(import.meta.url)?.[1] ?? "";

export class Health {
  constructor() {
    /** percent, -1 when this browser does not tell */
    this.battery = -1;
    /** milliseconds by which the server's clock is ahead of this tablet's, null before it said anything @type {number | null} */
    this.skew = null;
    /** the round trip the skew was read with */
    this.trip = Infinity;
    /** whether the seat's database keeps marks */
    this.keeps = true;
    /** what it has over TLS besides @type {any} */
    this.secure = null;
    this.#watch();
  }

  async #watch() {
    try {
      const battery = await /** @type {any} */ (navigator).getBattery?.();
      if (!battery) return;
      const read = () => {
        this.battery = Math.round(battery.level * 100);
      };
      battery.addEventListener("levelchange", read);
      read();
    } catch {
      this.battery = -1; // the browser may forbid it; then the office reads it off the tablet
    }
  }

  /** The server said its time; the quicker it answered, the better it is known. @param {string} time @param {number} trip milliseconds since it was asked */
  told(time, trip) {
    if (trip > this.trip * 2 && trip > 200) return;
    this.trip = trip;
    this.skew = Math.round(Date.parse(time) + trip / 2 - Date.now());
  }

  /** What this tablet has of what it was made ready for: words of the server's list. */
  get has() {
    const { secure } = this;
    return [location.protocol === "https:" && "tls", this.keeps && "storage", secure?.opens() && "worker", secure?.awake() && "awake"].filter(Boolean).join(" ");
  }

  /** What goes with a ping. */
  get said() {
    return { has: this.has, battery: this.battery, ...(this.skew !== null && { skew: this.skew }), ...(PAGE && { page: PAGE }) };
  }
}
