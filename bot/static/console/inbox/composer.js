// Where an operator writes: words for the customer or a note for colleagues. What is not sent stays, by conversation and kind.

import { Part, define, html, live, nothing } from "../part.js";
import { ICONS } from "../icons.js";
import "./canned.js";
import "./enclosing.js";
import { draft, keep } from "./drafts.js";

const AGAIN = 3000; // milliseconds between two words to the server that somebody is typing

class Composer extends Part {
  static properties = { id: { attribute: false }, api: {}, list: { state: true }, may: {}, held: {}, closed: {}, kind: { state: true }, busy: { state: true }, said: { state: true } };

  constructor() {
    super();
    this.kind = "reply";
    this.said = "";
    this.busy = false;
    this.told = 0;
    this.list = null; // of canned answers: {on, at} while it is there
    this.addEventListener("canned", ({ detail }) => (this.list = detail.on ? detail : null));
  }

  willUpdate(changed) {
    if (changed.has("id")) this.said = "";
  }

  write(kind) {
    this.kind = kind;
    this.updateComplete.then(() => {
      const field = this.querySelector("textarea");
      field?.focus();
      field?.setSelectionRange(field.value.length, field.value.length);
    });
  }

  #typed(event) {
    keep(this.id, this.kind, event.target.value);
    this.querySelector("desk-canned").follow(event.target);
    if (this.kind !== "reply" || Date.now() - this.told < AGAIN) return;
    this.told = Date.now();
    this.tell("types", { on: true });
  }

  #pressed(event) {
    if (event.isComposing || this.querySelector("desk-canned").pressed(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#send();
    } else if (event.key === "ArrowUp" && this.kind === "reply" && !event.target.value) {
      event.preventDefault();
      this.tell("reword-last");
    } else if (event.key === "Escape") {
      event.target.blur();
      this.tell("left");
    }
  }

  get #enclosing() {
    return this.querySelector("desk-enclosing");
  }

  /** Files that somebody pastes, or lets fall here, go with the reply. */
  #given(event, { files }) {
    if (this.kind !== "reply" || !files.length) return;
    event.preventDefault();
    this.#enclosing?.take(files);
  }

  #over(event) {
    if (this.kind === "reply" && this.#enclosing && event.dataTransfer.types.includes("Files")) event.preventDefault();
  }

  async #send() {
    const field = this.querySelector("textarea");
    const { id, kind } = this;
    const text = field.value.trim();
    const enclosing = this.#enclosing;
    const files = kind === "reply" ? enclosing.ids : [];
    if ((!text && !files.length) || this.busy) return;
    if (kind === "reply" && enclosing.busy) return void (this.said = "A file is still on its way. Send again in a moment.");
    this.busy = true;
    this.said = "";
    field.focus(); // now, and not once it is sent: whoever has left by then stays where they are
    // The same words sent again after a broken line are one message.
    const all = JSON.stringify([id, text, files]);
    const sent = (this.sent = this.sent?.all === all ? this.sent : { all, key: crypto.randomUUID() });
    try {
      await this.send(kind, text, sent.key, files);
      if (kind === "reply") enclosing.clear(id);
      keep(id, kind, "");
      this.sent = null;
      this.told = 0;
      if (kind === "note") this.kind = "reply";
    } catch (refusal) {
      this.said = refusal.message;
    } finally {
      this.busy = false;
    }
  }

  #tab(kind, words) {
    return html`<button role="tab" id=${`write-${kind}`} aria-selected=${String(this.kind === kind)} aria-controls="write" tabindex=${this.kind === kind ? 0 : -1}
      @click=${() => this.write(kind)} @keydown=${(event) => ["ArrowLeft", "ArrowRight"].includes(event.key) && this.#turn()}>${words}</button>`;
  }

  #turn() {
    this.kind = this.kind === "reply" ? "note" : "reply";
    this.updateComplete.then(() => this.querySelector("[aria-selected=true]").focus());
  }

  render() {
    if (!this.may) return html`<p class="quiet closed">You may read along. Writing needs the role operator.</p>`;
    const note = this.kind === "note";
    const why = !note && this.closed ? "This conversation is over. What the customer writes next begins a new one." : !note && this.held ? `${this.held} has this conversation.` : "";
    return html`<div class="composer ${this.kind}" @dragover=${this.#over} @drop=${(event) => this.#given(event, event.dataTransfer)}>
      <div class="head"><div role="tablist" aria-label="What you write">${this.#tab("reply", "Reply")}${this.#tab("note", "Note")}</div>
        <span class="quiet hint">${note ? "Only colleagues see notes" : nothing}</span></div>
      <div role="tabpanel" id="write" aria-labelledby=${`write-${this.kind}`}>
        ${why
          ? html`<p class="quiet closed">${why}</p>`
          : html`<desk-canned .api=${this.api} .conversation=${this.id}></desk-canned>
            <textarea rows="3" dir="auto" aria-autocomplete="list" aria-controls=${this.list ? "canned-list" : nothing} aria-activedescendant=${this.list?.at || nothing} aria-label=${note ? "Note for colleagues" : "Reply to the customer"} placeholder=${note ? "Write a note for colleagues" : "Write a reply"}
              .value=${live(draft(this.id, this.kind))} @input=${this.#typed} @keydown=${this.#pressed} @paste=${(event) => this.#given(event, event.clipboardData)}></textarea>
            <desk-enclosing .api=${this.api} .conversation=${this.id} ?hidden=${note}></desk-enclosing>
            <div class="foot">${note ? nothing : html`<button class="plain clip" title="Or paste them, or let them fall here" @click=${() => this.#enclosing.choose()}>${ICONS.clip}Files</button>`}<p class="refusal" role="alert">${this.said}</p><span class="quiet hint">Enter sends, Shift Enter begins a line, / finds a canned answer</span>
              <button class="primary" ?disabled=${this.busy} @click=${this.#send}>${note ? "Save note" : "Send"}</button></div>`}
      </div></div>`;
  }
}
define("desk-composer", Composer);
