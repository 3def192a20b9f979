/** What the visitor's browser keeps: the token, what was seen, and the messages not yet acknowledged. First-party, and only once something was said. */

export class Store {
  #prefix;
  #memory = new Map(); // where the browser keeps nothing for us, it lasts as long as the page

  constructor(server) {
    this.#prefix = `frontdesk:${server.host}${server.pathname}`;
  }

  get tokenKey() {
    return `${this.#prefix}token`;
  }

  get token() {
    return this.#get(this.tokenKey);
  }

  set token(value) {
    this.#set(this.tokenKey, value);
  }

  /** The seq of the last event that was on the screen, in any tab. */
  get seen() {
    return Number(this.#get(`${this.#prefix}seen`) ?? 0);
  }

  set seen(seq) {
    this.#set(`${this.#prefix}seen`, String(seq));
  }

  get sound() {
    return this.#get(`${this.#prefix}sound`) === "on";
  }

  set sound(on) {
    this.#set(`${this.#prefix}sound`, on ? "on" : "off");
  }

  /** Whether the panel is open, for the next page of this tab. */
  set open(is) {
    try {
      if (is && this.token) sessionStorage.setItem(`${this.#prefix}open`, "1");
      else sessionStorage.removeItem(`${this.#prefix}open`);
    } catch { /* then it begins closed */ }
  }

  /** One key per message, so that two tabs never overwrite each other's. */
  keep(message) {
    this.#set(`${this.#prefix}say:${message.id}`, JSON.stringify(message), true);
  }

  drop(id) {
    this.#remove(`${this.#prefix}say:${id}`);
  }

  /** Forget the visitor. */
  clear() {
    for (const key of this.#keys()) if (key.startsWith(this.#prefix)) this.#remove(key);
    this.open = false;
  }

  /** The unacknowledged messages, oldest first. */
  pending() {
    const start = `${this.#prefix}say:`;
    const kept = this.#keys().filter((key) => key.startsWith(start)).map((key) => parse(this.#get(key)));
    return kept.filter((message) => message !== null).sort((a, b) => a.at - b.at);
  }

  #keys() {
    try {
      return [...new Set([...Object.keys(localStorage), ...this.#memory.keys()])];
    } catch {
      return [...this.#memory.keys()];
    }
  }

  #get(key) {
    try {
      return localStorage.getItem(key) ?? this.#memory.get(key) ?? null;
    } catch {
      return this.#memory.get(key) ?? null;
    }
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
    try {
      localStorage.removeItem(key);
    } catch { /* there was nothing to remove from */ }
  }
}

function parse(text) {
  try {
    const message = JSON.parse(text);
    return typeof message.id === "string" && typeof message.text === "string" ? message : null;
  } catch {
    return null;
  }
}
