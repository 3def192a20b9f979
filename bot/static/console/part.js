// What every part of the console is made of: a Lit element in the page's own tree, so that one style sheet is theirs together.

import { LitElement } from "lit";

export { html, nothing } from "lit";
export { repeat } from "lit-html/directives/repeat.js";
export { live } from "lit-html/directives/live.js";

export class Part extends LitElement {
  createRenderRoot() {
    return this;
  }

  /** Return what was asked for, or null where the server refuses: its sentence is the `fault` then. */
  async tried(asked) {
    try {
      const found = await asked;
      this.fault = "";
      return found;
    } catch (refusal) {
      this.fault = refusal.message;
      return null;
    }
  }

  /** Say something to whoever is above: events bubble through the console. */
  tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail, bubbles: true }));
  }
}

/** Make an element known under its tag, once. */
export function define(tag, element) {
  if (!customElements.get(tag)) customElements.define(tag, element);
}
