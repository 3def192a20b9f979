// Canned answers in the composer: a slash begins the name of one, a list follows what is typed, and Enter puts it there, filled in.

import { Part, define, html, nothing, repeat } from "../part.js";
import { query } from "../api.js";

const SLASH = /(^|\s)\/(\S*)$/u;

/** Return what is typed behind the slash before the caret, null where there is none. */
export function behindSlash(text, caret) {
  const found = SLASH.exec(text.slice(0, caret));
  return found && { from: caret - found[2].length - 1, wanted: found[2].toLowerCase() };
}

/** Those whose name holds what is wanted, then those whose words do. */
export function matching(all, wanted) {
  const named = all.filter(({ name }) => name.toLowerCase().includes(wanted));
  return [...named, ...all.filter((one) => !named.includes(one) && one.filled.toLowerCase().includes(wanted))];
}

class Canned extends Part {
  static properties = { api: {}, conversation: {}, slash: { state: true }, all: { state: true }, at: { state: true }, said: { state: true } };

  constructor() {
    super();
    this.#close();
  }

  #close() {
    this.slash = null;
    this.all = null;
    this.at = 0;
    this.said = "";
  }

  willUpdate(changed) {
    if (changed.has("conversation")) this.#close();
  }

  get shown() {
    return this.slash && this.all ? matching(this.all, this.slash.wanted) : [];
  }

  /** Look at a field after something was typed in it. */
  follow(field) {
    const slash = behindSlash(field.value, field.selectionEnd);
    if (!slash) return this.#close();
    this.at = 0;
    const begins = !this.slash;
    this.slash = slash;
    if (begins) this.#load();
  }

  async #load() {
    const { conversation } = this;
    try {
      const { canned } = await this.api.get(`/api/v1/canned${query({ conversation })}`);
      if (conversation === this.conversation && this.slash) this.all = canned;
    } catch (refusal) {
      this.said = refusal.message;
    }
  }

  /** Whether a key was for the list. */
  pressed(event) {
    if (!this.slash || event.isComposing) return false;
    const { shown } = this;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") this.#close();
    else if (step && shown.length) this.at = (this.at + step + shown.length) % shown.length;
    else if ((event.key === "Enter" && !event.shiftKey) || (event.key === "Tab" && shown.length)) this.#choose(event.target, shown[this.at]);
    else return false;
    event.preventDefault();
    return true;
  }

  #choose(field, one) {
    if (!one) return; // what begins with a slash is not sent by mistake: Esc closes the list first
    const { from } = this.slash;
    field.setRangeText(one.filled, from, field.selectionEnd, "end");
    this.#close();
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }

  #manage() {
    this.#close();
    this.tell("canning");
  }

  updated() {
    this.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
    this.tell("canned", { on: Boolean(this.slash), at: this.shown.length ? `canned-${this.at}` : "" });
  }

  #none() {
    if (this.said) return this.said;
    if (!this.all) return "";
    return this.all.length ? "No canned answer is like that. Esc goes on writing." : "There is no canned answer yet. Esc goes on writing.";
  }

  render() {
    if (!this.slash) return nothing;
    const { shown } = this;
    const field = () => this.closest("desk-composer").querySelector("textarea");
    return html`<div class="canned">
      <ul role="listbox" id="canned-list" aria-label="Canned answers">${repeat(shown, ({ name }) => name, (one, at) => html`<li
        role="option" id=${`canned-${at}`} aria-selected=${String(at === this.at)} @mousedown=${(event) => event.preventDefault()} @click=${() => this.#choose(field(), one)}>
        <bdi class="name">${one.name}</bdi><span class="cut quiet" dir="auto">${one.filled}</span></li>`)}</ul>
      <p class="foot"><span class="quiet" role="status">${shown.length ? `${shown.length} canned ${shown.length > 1 ? "answers" : "answer"}, Enter puts one in` : this.#none()}</span>
        <button class="plain" @click=${() => this.#manage()}>Write or change them</button></p></div>`;
  }
}
define("desk-canned", Canned);
