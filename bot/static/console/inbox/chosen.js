// The bar over the list while conversations are chosen, and what came of what was done to them.

import { Part, define, html, nothing } from "../part.js";
import { shown } from "../keys.js";

class Chosen extends Part {
  static properties = { bulk: {}, many: {}, done: {}, keys: {} };

  #button(what, words, id) {
    const key = this.keys.off ? "" : this.keys.key(id);
    return html`<button @click=${() => this.bulk.act(what)}>${words}${key ? html`<kbd aria-hidden="true">${shown(key)}</kbd>` : nothing}</button>`;
  }

  #chosen() {
    return html`<div class="chosen" role="group" aria-label="Chosen conversations"><span class="many" role="status">${this.many} chosen</span>
      <button class="plain" @click=${() => this.bulk.clear()}>Choose none</button>
      <span class="does">${this.#button("assign", "Assign", "assign")}${this.#button("snooze", "Lay aside", "snooze")}${this.#button("close", "Resolve", "resolve")}</span></div>`;
  }

  #came() {
    return html`<div class="chosen came"><p role="status">${this.done.said}</p>
      ${this.bulk.undoes ? html`<button @click=${() => this.bulk.undo()}>Undo</button>` : nothing}
      <button class="plain" @click=${() => this.bulk.clear()}>Close</button></div>`;
  }

  render() {
    return this.many ? this.#chosen() : this.done ? this.#came() : nothing;
  }
}
define("desk-chosen", Chosen);
