// Choosing an intent by typing a part of its title: every word has to be there, the beginnings of titles come first.

import { Part, define, html, nothing, repeat } from "./part.js";

const SHOWN = 8;
let made = 0;

/** Return the intents that all words of `wanted` are found in, those that begin with it first. */
export function matching(intents, wanted) {
  const sought = wanted.trim().toLowerCase();
  const words = sought.split(/\s+/);
  const found = intents.filter(({ id, title }) => words.every((word) => `${title} ${id}`.toLowerCase().includes(word)));
  return found.sort((one, other) => starts(other, sought) - starts(one, sought));
}

const starts = (intent, sought) => Number(intent.title.toLowerCase().startsWith(sought));

class Intents extends Part {
  static properties = { intents: {}, label: {}, hint: {}, wanted: { state: true }, at: { state: true }, open: { state: true } };

  constructor() {
    super();
    this.intents = [];
    this.wanted = "";
    this.at = 0;
    this.open = false;
    this.list = `intents-${(made += 1)}`;
  }

  focus() {
    this.querySelector("input").focus();
  }

  #typed(event) {
    this.wanted = event.target.value;
    this.at = 0;
    this.open = true;
  }

  #pressed(event) {
    if (event.isComposing) return;
    const found = this.#found;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      this.at = this.open && found.length ? (this.at + step + found.length) % found.length : 0;
      this.open = true;
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (this.open && found[this.at]) this.#pick(found[this.at]);
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.#leave();
      this.tell("left");
    }
  }

  #pick(intent) {
    this.#leave();
    this.tell("picked", intent.id);
  }

  #leave() {
    this.wanted = "";
    this.open = false;
    this.querySelector("input").value = "";
  }

  get #found() {
    return matching(this.intents, this.wanted).slice(0, SHOWN);
  }

  updated() {
    this.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }

  render() {
    const found = this.#found;
    const open = this.open && found.length > 0;
    return html`<input
        role="combobox" aria-label=${this.label} aria-expanded=${String(open)} aria-controls=${this.list} aria-autocomplete="list"
        aria-activedescendant=${open ? `${this.list}-${this.at}` : nothing} placeholder=${this.hint}
        autocomplete="off" spellcheck="false" @input=${this.#typed} @keydown=${this.#pressed}
        @focus=${() => (this.open = true)} @blur=${() => (this.open = false)}>
      <ul role="listbox" id=${this.list} aria-label=${this.label} ?hidden=${!open}>
        ${open ? repeat(found, (one) => one.id, (one, at) => html`<li
          role="option" id=${`${this.list}-${at}`} aria-selected=${String(at === this.at)}
          @mousedown=${(event) => { event.preventDefault(); this.#pick(one); }}>
          <span>${one.title}</span><code>${one.id}</code></li>`) : nothing}
      </ul>
      ${this.open && !found.length ? html`<p class="quiet" role="status">No intent is called that.</p>` : nothing}`;
  }
}
define("desk-intents", Intents);
