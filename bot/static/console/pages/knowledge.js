// Knowledge: the pages that the bot quotes from, and documents that are dropped to become some, each with what it would change.

import { Part, html, nothing, repeat } from "../part.js";
import { query } from "../api.js";
import { ICONS } from "../icons.js";
import { flags, origin, passages } from "../knowledge/words.js";
import { styled } from "../styles.js";
import { whole } from "../time.js";
import "../knowledge/arriving.js";

await styled(new URL("../knowledge/knowledge.css", import.meta.url));

export const tag = "desk-knowledge";
export const title = "Knowledge";

const PATH = "/api/v1/pages";

const asked = (questions) => html`<details><summary>${questions.length === 1 ? "Found by a question that people ask" : `Found by ${questions.length} questions that people ask`}</summary><ul class="asked">${questions.map((question) => html`<li dir="auto">${question}</li>`)}</ul></details>`;
const passage = (one) => html`<li>${one.heading ? html`<h3><bdi>${one.heading}</bdi></h3>` : nothing}<p class="passage" dir="auto">${one.text}</p>${one.asked.length ? asked(one.asked) : nothing}</li>`;

export class Page extends Part {
  static properties = { desk: {}, route: {}, known: { state: true }, found: { state: true }, fault: { state: true }, over: { state: true } };

  constructor() {
    super();
    this.known = this.found = null;
    this.fault = "";
    this.over = false;
  }

  connectedCallback() {
    super.connectedCallback();
    this.addEventListener("changed", this.again = ({ detail }) => this.#again(detail.name));
    this.desk.keys.offer(this, this.#commands());
    this.#list();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.removeEventListener("changed", this.again);
    this.desk.keys.withdraw(this);
  }

  willUpdate(changed) {
    const [name = ""] = this.route.rest;
    if (changed.has("route") && name !== (this.found?.name ?? "")) this.#show(name);
  }

  async #list() {
    this.known = (await this.tried(this.desk.api.get(PATH))) ?? this.known;
  }

  async #show(name) {
    if (!name) return (this.found = null);
    const found = await this.tried(this.desk.api.get(`${PATH}/${encodeURIComponent(name)}`));
    if (name === this.route.rest[0]) this.found = found;
  }

  async #again(name) {
    await this.#list();
    if (name !== this.route.rest[0]) return;
    if (this.known?.pages.some((one) => one.name === name)) await this.#show(name);
    else this.desk.go(this.#address(""), { replace: true });
  }

  async #remove({ name, title: called }) {
    if (!(await this.tried(this.desk.api.delete(`${PATH}/${encodeURIComponent(name)}`)))) return;
    this.desk.say(`${called} is removed, and quoted no more. Under the list it can be put back.`);
    await this.#again(name);
  }

  async #undo({ name, change_id: change }) {
    if (!(await this.tried(this.desk.api.post(`${PATH}/${encodeURIComponent(name)}/undo`, { change_id: change })))) return;
    this.desk.say("It is as it was before.");
    await this.#again(name);
  }

  get #asked() {
    return this.route.query.get("q") ?? "";
  }

  get #rows() {
    const words = this.#asked.toLowerCase().split(/\s+/).filter(Boolean);
    const found = (this.known?.pages ?? []).filter((one) => words.every((word) => `${one.name} ${one.title} ${one.source} ${one.url}`.toLowerCase().includes(word)));
    return found.sort((one, other) => one.title.localeCompare(other.title));
  }

  #address(name, q = this.#asked) {
    return `/console/knowledge${name ? `/${encodeURIComponent(name)}` : ""}${query({ q })}`;
  }

  #step(by) {
    const rows = this.#rows;
    const at = rows.findIndex(({ name }) => name === this.found?.name);
    const to = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))];
    if (to) this.desk.go(this.#address(to.name), { replace: Boolean(this.found) });
  }

  get #door() {
    return this.querySelector("desk-arriving");
  }

  #commands() {
    return [
      { id: "next-page", title: "Next page", key: "j", run: () => this.#step(1) },
      { id: "previous-page", title: "Previous page", key: "k", run: () => this.#step(-1) },
      { id: "search-pages", title: "Search the pages", key: "/", run: () => this.querySelector("input[name=q]").focus() },
      ...(this.desk.may("trainer") ? [{ id: "add-documents", title: "Choose documents to take in", key: "n", run: () => this.#door.choose() }] : []),
    ];
  }

  #over(event, over) {
    if (!this.#door || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.over = over && (over !== "left" || this.contains(event.relatedTarget));
  }

  #dropped(event) {
    this.#over(event, false);
    this.#door?.take(event.dataTransfer.files);
  }

  #badges(one) {
    return flags(one).map(([words, kind]) => html` <span class="badge ${kind}">${words}</span>`);
  }

  #row(one) {
    return html`<li><a href=${this.#address(one.name)} aria-current=${one.name === this.found?.name ? "true" : nothing}>
      <span class="title"><bdi class="cut">${one.title}</bdi>${this.#badges(one)}</span>
      <span class="quiet cut"><bdi>${origin(one)}</bdi> \u00b7 ${passages(one.passages)}, ${one.words.toLocaleString()} words</span></a></li>`;
  }

  #shelf() {
    const rows = this.#rows;
    const removed = this.known?.removed ?? [];
    return html`<section class="panel list" aria-labelledby="all"><header><h1 id="all">Knowledge</h1><span class="quiet" role="status">${this.known ? `${rows.length} of ${this.known.pages.length}` : ""}</span></header>
      <div class="sought"><input name="q" type="search" aria-label="Search the pages" placeholder="Search" .value=${this.#asked} @change=${(event) => this.desk.go(this.#address(this.found?.name, event.target.value), { replace: true })}></div>
      <div class="shelf"><ul>${repeat(rows, ({ name }) => name, (one) => this.#row(one))}</ul>
      ${removed.length && this.desk.may("trainer") ? html`<section aria-labelledby="removed"><h2 id="removed">Removed</h2><ul class="removed">${removed.map((one) => html`<li><bdi class="cut">${one.name}</bdi><span class="spring"></span><button aria-label=${`Put ${one.name} back`} @click=${() => this.#undo(one)}>Put back</button></li>`)}</ul></section>` : nothing}</div></section>`;
  }

  #one(one) {
    const trainer = this.desk.may("trainer");
    return html`<section class="panel" aria-labelledby="page"><header class="page"><h2 id="page"><bdi>${one.title}</bdi></h2>${this.#badges(one)}<span class="spring"></span>
        <a href=${one.url || `/pages/${encodeURIComponent(one.name)}`} target="_blank" rel="noopener noreferrer">As customers see it</a>
        ${trainer && one.last ? html`<button @click=${() => this.#undo({ name: one.name, ...one.last })}>Undo the last change</button>` : nothing}
        ${trainer ? html`<button @click=${() => this.#remove(one)}>Remove</button>` : nothing}</header>
      <p class="quiet"><bdi>${origin(one)}</bdi>${one.imported_at ? html`, taken in <time datetime=${one.imported_at}>${whole(one.imported_at)}</time>` : nothing}${one.last ? html` by <bdi>${one.last.operator}</bdi>` : nothing} \u00b7 ${passages(one.passages)}, ${one.words.toLocaleString()} words</p>
      ${one.fault ? html`<p class="refusal" role="alert">${one.fault}</p>` : nothing}
      <ol class="said-here" aria-label="Passages">${one.said.map(passage)}</ol></section>`;
  }

  render() {
    return html`<div class="knowledge ${this.over ? "over" : ""}" @dragenter=${(event) => this.#over(event, true)} @dragover=${(event) => this.#over(event, true)} @dragleave=${(event) => this.#over(event, "left")} @drop=${this.#dropped}>${this.#shelf()}
      <div class="bench">${this.fault ? html`<p class="refusal" role="alert">${this.fault}</p>` : nothing}
        ${this.desk.may("trainer") ? html`<desk-arriving .desk=${this.desk} .known=${this.known}></desk-arriving>` : nothing}
        ${this.found ? this.#one(this.found) : html`<p class="quiet nothing">${ICONS.file} ${this.known?.pages.length ? html`Choose a page, or press <kbd>J</kbd>.` : "There are no pages yet: the bot answers with its answers alone."}</p>`}</div></div>`;
  }
}
