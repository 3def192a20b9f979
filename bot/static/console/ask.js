// A small dialog that asks for one thing: a choice of some, or a word of one's own.

import { Part, define, html, nothing } from "./part.js";

class Ask extends Part {
  static properties = { asked: { state: true } };

  /** Ask; gives the value of the choice, or what was written, and null where nothing was. */
  async open(asked) {
    this.asked = asked;
    await this.updateComplete;
    const dialog = this.querySelector("dialog");
    dialog.returnValue = "";
    dialog.showModal();
    return new Promise((resolve) => {
      this.answered = (value) => {
        this.answered = () => {};
        dialog.close();
        resolve(value);
      };
    });
  }

  // The event of a dialog that was closed comes a moment later, when the next question may stand there.
  render() {
    const { title = "", choices = [], field = "" } = this.asked ?? {};
    return html`<dialog class="ask" aria-labelledby="ask-title" closedby="any" @close=${({ target }) => target.open || this.answered?.(null)}>
      <header><h2 id="ask-title">${title}</h2><button class="plain" @click=${() => this.answered(null)}>Cancel</button></header>
      <div class="choices">${choices.map(([words, value]) => html`<button @click=${() => this.answered(value)}><bdi>${words}</bdi></button>`)}</div>
      ${field
        ? html`<form @submit=${(event) => { event.preventDefault(); this.answered(new FormData(event.target).get("own").trim() || null); }}>
            <input name="own" aria-label=${field} placeholder=${field} autocomplete="off" required><button>OK</button></form>`
        : nothing}
    </dialog>`;
  }
}
define("desk-ask", Ask);
