/** What the visitor's browser keeps: the token, what was seen, and the messages not yet acknowledged. First-party, and only once something was said. */

import { attempt } from "./attempt.js";

export class Store {
  prefix;
  owner; // whose tab this is: the customer whom the page vouches for; undefined is an unnamed visitor
  #memory = new Map(); // where the browser keeps nothing for us, it lasts as long as the page

  constructor(server) {
    this.prefix = `frontdesk:${server.host}${server.pathname}`;
  }

  /** A customer's token and words are kept apart from an unnamed visitor's: they lead to different people. */
  get tokenKey() {
    return this.prefix + (this.owner ? "customer" : "token");
  }

  get token() {
    return this.#get(this.tokenKey);
  }

  set token(value) {
    this.#set(this.tokenKey, value);
  }

  /** The seq of the last event that was on the screen, in any tab. */
  get seen() {
    return Number(this.#get(`${this.prefix}seen`) ?? 0);
  }

  set seen(seq) {
    this.#set(`${this.prefix}seen`, String(seq));
  }

  get sound() {
    return this.#get(`${this.prefix}sound`) === "on";
  }

  set sound(on) {
    this.#set(`${this.prefix}sound`, on ? "on" : "off");
  }

  /** Whether the panel is open, for the next page of this tab. */
  set open(is) {
    const key = `${this.prefix}open`;
    attempt(() => (is && this.token ? sessionStorage.setItem(key, "1") : sessionStorage.removeItem(key))); // else it begins closed
  }

  /** One key per message, so that two tabs never overwrite each other's. */
  keep(message) {
    this.#set(`${this.prefix}say:${message.id}`, JSON.stringify({ owner: this.owner, ...message }), true);
  }

  drop(id) {
    this.#remove(`${this.prefix}say:${id}`);
  }

  /** Forget the visitor. */
  clear() {
    for (const key of this.#keys("")) this.#remove(key);
    this.open = false;
  }

  /** Forget what customers other than this one, if any, have not sent yet. */
  disown() {
    for (const { id, owner } of this.#kept()) if (owner && owner !== this.owner) this.drop(id);
  }

  /** Take the token that the server gave, and keep it once something was said; what an unnamed visitor said is the customer's now. */
  welcomed(token) {
    const unnamed = `${this.prefix}token`;
    if (this.token || this.#get(unnamed) || this.pending().length) this.token = token;
    if (this.owner) this.#remove(unnamed);
  }

  /** Forget the token that this tab goes by. */
  dropToken() {
    this.#remove(this.tokenKey);
  }

  /** The unacknowledged messages, oldest first: the owner's, and what was written before they signed in. */
  pending() {
    return this.#own().filter(({ frame }) => !frame);
  }

  /** The thumbs and the score that the desk has not confirmed. */
  votes() {
    return this.#own().filter(({ frame }) => frame);
  }

  #own() {
    return this.#kept().filter(({ owner }) => !owner || owner === this.owner).sort((a, b) => a.at - b.at);
  }

  #kept() {
    return this.#keys("say:").map((key) => attempt(() => JSON.parse(this.#get(key)))).filter((kept) => typeof kept?.id === "string" && typeof kept.text === "string");
  }

  #keys(start) {
    const keys = [...this.#memory.keys(), ...(attempt(() => Object.keys(localStorage)) ?? [])];
    return [...new Set(keys)].filter((key) => key.startsWith(this.prefix + start));
  }

  #get(key) {
    return attempt(() => localStorage.getItem(key)) ?? this.#memory.get(key) ?? null;
  }

  /** Before something was said there is no token, and all but the words themselves stays in this page. */
  #set(key, value, spoken = key === this.tokenKey) {
    try {
      if (!spoken && !this.token) throw new Error("nothing was said yet");
      localStorage.setItem(key, value);
    } catch {
      this.#memory.set(key, value);
    }
  }

  #remove(key) {
    this.#memory.delete(key);
    attempt(() => localStorage.removeItem(key));
  }
}
