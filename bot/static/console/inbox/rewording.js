// What an operator wrote, changed where it stands: Enter changes it for the customer, too, Esc leaves it as it is.

import { Part, define, html } from "../part.js";

class Rewording extends Part {
  static properties = { api: {}, conversation: {}, item: {}, busy: { state: true }, said: { state: true } };

  constructor() {
    super();
    this.busy = false;
    this.said = "";
  }

  firstUpdated() {
    const field = this.querySelector("textarea");
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
    this.seq = this.item.seq; // of the wording that is looked at: who changes another one is told so
  }

  #pressed(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#change();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      this.tell("reworded");
    }
  }

  async #change() {
    const text = this.querySelector("textarea").value.trim();
    if (this.busy) return;
    if (!text || text === this.item.text) return void this.tell("reworded");
    this.busy = true;
    this.said = "";
    try {
      await this.api.patch(`/api/v1/conversations/${encodeURIComponent(this.conversation)}/messages/${encodeURIComponent(this.item.message)}`, { text, seq: this.seq });
      this.tell("reworded");
    } catch (refusal) {
      this.said = refusal.message;
    } finally {
      this.busy = false;
    }
  }

  render() {
    return html`<textarea class="words" rows="2" dir="auto" aria-label="Change what you wrote" .value=${this.item.text} @keydown=${this.#pressed}></textarea>
      <p class="refusal" role="alert">${this.said}</p>
      <div class="foot"><span class="quiet hint">The customer sees the new words, marked as edited</span>
        <button class="plain" @click=${() => this.tell("reworded")}>Leave it</button><button class="primary" ?disabled=${this.busy} @click=${this.#change}>Change</button></div>`;
  }
}
define("desk-rewording", Rewording);
