// Every command by its name: type a part of it, and Enter.

import { Part, define, html, nothing, repeat } from "./part.js";
import { shown } from "./keys.js";

class Palette extends Part {
  static properties = { keys: {}, wanted: { state: true }, at: { state: true } };

  constructor() {
    super();
    this.wanted = "";
    this.at = 0;
  }

  async open() {
    this.wanted = "";
    this.at = 0;
    this.requestUpdate();
    await this.updateComplete;
    this.querySelector("dialog").showModal();
    this.querySelector("input").value = "";
    this.querySelector("input").focus();
  }

  get #found() {
    const words = this.wanted.toLowerCase().split(/\s+/);
    return this.keys.commands.filter(({ title }) => words.every((word) => title.toLowerCase().includes(word)));
  }

  #run(command) {
    this.querySelector("dialog").close();
    command?.run();
  }

  #pressed(event) {
    const found = this.#found;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) {
      event.preventDefault();
      this.at = (this.at + step + found.length) % found.length;
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      this.#run(found[this.at]);
    }
  }

  updated() {
    this.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }

  render() {
    const found = this.#found;
    return html`<dialog class="palette" aria-label="Commands" closedby="any">
      <input
        role="combobox" aria-label="Command" aria-expanded="true" aria-controls="palette-list" aria-autocomplete="list"
        aria-activedescendant=${found.length ? `palette-${this.at}` : nothing} placeholder="What do you want to do?"
        autocomplete="off" spellcheck="false" @keydown=${this.#pressed}
        @input=${(event) => { this.wanted = event.target.value; this.at = 0; }}>
      <ul role="listbox" id="palette-list" aria-label="Commands">
        ${repeat(found, (one) => one.id, (one, at) => html`<li
          role="option" id=${`palette-${at}`} aria-selected=${String(at === this.at)} @click=${() => this.#run(one)}>
          <span>${one.title}</span>${one.key ? html`<kbd>${shown(one.key)}</kbd>` : nothing}</li>`)}
      </ul>
      ${found.length ? nothing : html`<p class="quiet empty">No command is called that.</p>`}
    </dialog>`;
  }
}
define("desk-palette", Palette);
