// The keyboard: commands that the pages offer, each with a key that its operator may change, and none while they type.

const FIELDS = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";
const PRESSED = "button, a, summary, [role=button], [role=option], [role=tab]";

/** Return what a key is called: a letter, a name, with `Mod+` where Ctrl or Command is held. Keys with Alt belong to the browser. */
export function named(event) {
  if (event.altKey || ["Control", "Shift", "Meta", "Alt", "Dead"].includes(event.key)) return "";
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return (event.ctrlKey || event.metaKey ? "Mod+" : "") + key;
}

/** Return a key as people read it. */
export function shown(key) {
  const command = /Mac|iP/.test(navigator.platform);
  const last = key.replace("Mod+", "");
  return (key.startsWith("Mod+") ? (command ? "\u2318" : "Ctrl ") : "") + (last.length === 1 ? last.toUpperCase() : last);
}

/** Commands are `{id, title, key, run, group}`; whoever offers some takes them back when it leaves. */
export class Keys extends EventTarget {
  #offered = new Map();
  #own = {};
  off = false;

  constructor() {
    super();
    addEventListener("keydown", (event) => this.#pressed(event));
  }

  /** Take over what an operator prefers: `{own: {id: key}, off}`. */
  prefer({ own = {}, off = false } = {}) {
    this.#own = own;
    this.off = off;
    this.dispatchEvent(new Event("change"));
  }

  get preferred() {
    return { own: this.#own, off: this.off };
  }

  offer(owner, commands) {
    this.#offered.set(owner, commands);
    this.dispatchEvent(new Event("change"));
  }

  withdraw(owner) {
    this.#offered.delete(owner);
    this.dispatchEvent(new Event("change"));
  }

  /** Every command there is now, with its key: the operator's own, or the usual one; empty where there is none. */
  get commands() {
    return [...this.#offered.values()].flat().map((command) => ({ ...command, key: this.#own[command.id] ?? command.key ?? "" }));
  }

  key(id) {
    return this.commands.find((command) => command.id === id)?.key ?? "";
  }

  #pressed(event) {
    const key = named(event);
    if (!key || event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    const held = key.startsWith("Mod+");
    const typing = event.target.closest(FIELDS) && !event.target.closest("dialog"); // a dialog that has just closed keeps the focus until it is drawn
    if (!held && (this.off || typing)) return;
    if ((key === "Enter" || key === " ") && event.target.closest(PRESSED)) return;
    const command = this.commands.find((one) => one.key === key);
    if (!command) return;
    event.preventDefault();
    command.run();
  }
}
