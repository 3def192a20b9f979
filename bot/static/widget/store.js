/** What the visitor's browser keeps: the token and the messages not yet acknowledged. First-party, and only once something was said. */

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

  /** One key per message, so that two tabs never overwrite each other's. */
  keep(message) {
    this.#set(`${this.#prefix}say:${message.id}`, JSON.stringify(message));
  }

  drop(id) {
    const key = `${this.#prefix}say:${id}`;
    this.#memory.delete(key);
    try {
      localStorage.removeItem(key);
    } catch { /* there was nothing to remove from */ }
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

  #set(key, value) {
    try {
      localStorage.setItem(key, value);
    } catch {
      this.#memory.set(key, value);
    }
  }
}

function parse(text) {
  try {
    const { id, text: said, choice, at, failed } = JSON.parse(text);
    return typeof id === "string" && typeof said === "string" ? { id, text: said, choice, at, failed } : null;
  } catch {
    return null;
  }
}
