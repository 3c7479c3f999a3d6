/**
 * Holds the tablet's connection: hello, heartbeat, noticing a dead line, coming back with random pauses.
 *
 * An open socket proves nothing: connected means that the server has said something within the last seconds. The server asks first
 * (a nonce, which a device with a key of its own would sign); the hello answers it.
 */

import { Health } from "./seat_health.js";
import { AS } from "./seat_cold.js";
import { LIVE } from "./seat_practice.js";

const PING_AFTER = 2500;
/** The server hears of this tablet so often, also while it does all the talking. */
const SPEAK_AFTER = 2500;
const ASKED_WITHIN = 1000;
const SLOW_AFTER = 1500;
const DEAD_AFTER = 6000;
const CONNECT_WITHIN = 5000;
const LONGEST_PAUSE = 15000;

/** Words of a bye after which this page does not come back by itself. */
export const FINAL = ["old_connection", "device_revoked", "not_enrolled", "no_key", "not_allowed", "newer_page", "older_page"];

/** @typedef {"connecting" | "connected" | "slow" | "offline" | "ended"} LinkState */

export class Link {
  /**
   * @param {{hello: (nonce: string) => any, heard: (message: any) => void, changed: () => void, pending: () => number}} owner
   *   hello: the first message, to what the server asked; heard: a message of the server; changed: state or seconds changed
   */
  constructor(owner) {
    this.owner = owner;
    /** @type {LinkState} */
    this.state = "connecting";
    this.ended = "";
    this.since = performance.now();
    this.tries = 0;
    /** @type {WebSocket | null} */
    this.socket = null;
    this.heard = 0;
    this.said = 0;
    this.asked = 0;
    this.opened = 0;
    this.greeted = false;
    this.health = new Health();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.again = undefined;
    setInterval(() => this.#beat(), 500);
    for (const name of ["online", "pageshow"]) addEventListener(name, () => this.wake());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.wake());
  }

  get up() {
    return this.state === "connected" || this.state === "slow";
  }

  /** Whole seconds since the line was lost. */
  get seconds() {
    return Math.max(0, Math.floor((performance.now() - this.since) / 1000));
  }

  /** Connect now. */
  open() {
    clearTimeout(this.again);
    this.ended = "";
    this.opened = performance.now();
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${LIVE ?? "/live/seat"}${AS}`);
    this.socket = socket;
    this.greeted = false;
    socket.onopen = () => setTimeout(() => this.#greet(socket, ""), ASKED_WITHIN);
    socket.onmessage = (event) => this.socket === socket && this.#hear(JSON.parse(event.data));
    socket.onclose = () => this.socket === socket && this.#lost();
  }

  /** Come back at once: the network or the page is there again. */
  wake() {
    this.tries = 0;
    if (this.state === "offline" || (this.state === "connecting" && !this.socket)) this.open();
    else if (this.up) this.ping();
  }

  /** @param {any} message */
  say(message) {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    this.said = performance.now();
    this.socket.send(JSON.stringify(message));
  }

  /** Say hello, once. @param {WebSocket} socket @param {string} nonce */
  async #greet(socket, nonce) {
    if (this.socket !== socket || this.greeted) return;
    this.greeted = true;
    const hello = await this.owner.hello(nonce);
    if (this.socket !== socket) return;
    this.asked = performance.now();
    this.say(hello);
  }

  /** Say that this tablet is here, and how it is. */
  ping() {
    this.asked ||= performance.now();
    this.say({ m: "ping", pending: this.owner.pending(), ...this.health.said });
  }

  /** @param {any} message */
  #hear(message) {
    this.heard = performance.now();
    if (message.m === "ask") return void this.#greet(/** @type {WebSocket} */ (this.socket), message.nonce);
    if (message.time && this.asked) this.health.told(message.time, this.heard - this.asked);
    this.asked = 0;
    if (message.m === "bye") {
      if (FINAL.includes(message.code)) this.end(message.code);
      return;
    }
    if (message.m === "hello") this.tries = 0;
    if (message.m === "hello" || this.up) this.#become("connected");
    this.owner.heard(message);
  }

  #beat() {
    const now = performance.now();
    if (this.up) {
      if (now - this.heard > DEAD_AFTER) return this.#lost();
      if ((now - this.heard > PING_AFTER || now - this.said > SPEAK_AFTER) && !this.asked) this.ping();
      this.#become(this.asked && now - this.asked > SLOW_AFTER ? "slow" : "connected");
    } else if (this.socket && now - this.opened > CONNECT_WITHIN) this.#lost();
  }

  #drop() {
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #lost() {
    this.#drop();
    this.asked = 0;
    this.#become("offline");
    clearTimeout(this.again);
    const pause = Math.random() * Math.min(LONGEST_PAUSE, 500 * 2 ** this.tries);
    this.tries += 1;
    this.again = setTimeout(() => this.open(), pause);
  }

  /** Stop, and do not come back by itself. @param {string} code why */
  end(code) {
    this.#drop();
    clearTimeout(this.again);
    this.ended = code;
    this.#become("ended");
  }

  /** @param {LinkState} state */
  #become(state) {
    if (state === this.state) return;
    const was = this.up;
    this.state = state;
    if (was !== this.up) this.since = performance.now();
    this.owner.changed();
  }
}
