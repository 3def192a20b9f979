// The dialog in which canned answers are written, changed and deleted.

import { Part, define, html, nothing, repeat } from "../part.js";

const NEW = { name: "", text: "", author: "" };
const path = (name) => `/api/v1/canned/${encodeURIComponent(name)}`;

class Canning extends Part {
  static properties = { desk: {}, all: { state: true }, variables: { state: true }, one: { state: true }, said: { state: true }, done: { state: true }, sure: { state: true } };

  constructor() {
    super();
    this.all = this.variables = [];
    this.one = NEW;
    this.said = this.done = "";
    this.sure = false;
  }

  async open() {
    this.#show(NEW);
    await this.updateComplete;
    this.querySelector("dialog").showModal();
    await this.#load();
    if (this.all.length) this.#show(this.all[0]);
  }

  async #load() {
    const found = await this.#tried(this.desk.api.get("/api/v1/canned"));
    if (found) [this.all, this.variables] = [found.canned, found.variables];
  }

  #show(one) {
    this.one = one;
    this.said = this.done = "";
    this.sure = false;
  }

  async #tried(asked) {
    this.said = this.done = "";
    try {
      return (await asked) ?? true;
    } catch (refusal) {
      this.said = refusal.message;
      return null;
    }
  }

  get #mine() {
    return !this.one.name || this.one.author === this.desk.me.name || this.desk.may("trainer");
  }

  async #save(event) {
    event.preventDefault();
    const { name, text } = Object.fromEntries(new FormData(event.target));
    const kept = await this.#tried(this.desk.api.put(path(name.trim()), { text }));
    if (!kept) return;
    const { one } = this;
    // Another name for the same text: the old one goes once the new one is kept.
    const renamed = one.name && one.name.toLowerCase() !== kept.name.toLowerCase();
    if (renamed && !(await this.#tried(this.desk.api.delete(path(one.name))))) return;
    await this.#load();
    this.#show(kept);
    this.done = "Saved.";
  }

  async #drop() {
    if (!this.sure) return void (this.sure = true);
    if (!(await this.#tried(this.desk.api.delete(path(this.one.name))))) return;
    await this.#load();
    this.#show(NEW);
    this.done = "Deleted.";
  }

  #form() {
    const { one } = this;
    return html`<form @submit=${this.#save} @input=${() => (this.done = "")}>
      <label>Name <input name="name" required maxlength="40" autocomplete="off" .value=${one.name} ?readonly=${!this.#mine}></label>
      <label>Text <textarea name="text" required rows="6" dir="auto" .value=${one.text} ?readonly=${!this.#mine}></textarea></label>
      <p class="quiet">What is written as ${"{{ name }}"} is filled in: ${this.variables.map((name, at) => html`${at ? ", " : ""}<code>${name}</code>`)}. What may be unknown needs a fallback: <code>${'{{ name | default: "there" }}'}</code></p>
      <p class="refusal" role="alert">${this.said}</p>
      ${this.#mine
        ? html`<p class="foot"><span role="status" class="quiet">${this.done}</span>
            ${one.name ? html`<button type="button" @click=${this.#drop}>${this.sure ? "Delete it for everybody" : "Delete"}</button>` : nothing}
            <button class="primary">Save</button></p>`
        : html`<p class="quiet"><bdi>${one.author}</bdi> wrote it, and changes it, or a trainer does.</p>`}</form>`;
  }

  render() {
    if (!this.desk) return nothing;
    return html`<dialog class="sheet canning" aria-labelledby="canning-title" closedby="any">
      <header><h2 id="canning-title">Canned answers</h2><button @click=${() => this.querySelector("dialog").close()}>Close</button></header>
      <div class="two"><ul aria-label="Canned answers">
        ${repeat(this.all, ({ name }) => name, (one) => html`<li><button class="plain" aria-current=${String(one.name === this.one.name)} @click=${() => this.#show(one)}><bdi class="cut">${one.name}</bdi></button></li>`)}
        <li><button class="plain" aria-current=${String(!this.one.name)} @click=${() => this.#show({ ...NEW })}>New one</button></li></ul>
        ${this.#form()}</div></dialog>`;
  }
}
define("desk-canning", Canning);
