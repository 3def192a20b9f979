// The written answers: the list of them, and beside it the one that is looked at, with a question to try out and its versions.

import { Part, html, nothing, repeat } from "../part.js";
import { query } from "../api.js";
import { shown } from "../keys.js";
import { styled } from "../styles.js";
import { when } from "../time.js";
import "../answers/editor.js";
import { looks } from "../answers/looks.js";
import "../answers/trial.js";
import { versions } from "../answers/versions.js";
import { STATES, flag, matches, state } from "../answers/words.js";

await styled(new URL("../answers/answers.css", import.meta.url));

export const tag = "desk-answers";
export const title = "Answers";

const PATH = "/api/v1/templates";
const HERE = "/console/answers";

export class Page extends Part {
  static properties = { desk: {}, route: {}, all: { state: true }, found: { state: true }, fault: { state: true } };

  constructor() {
    super();
    this.all = this.found = null;
    this.fault = "";
    this.addEventListener("saved", ({ detail }) => this.#list().then(() => this.#show(detail)));
  }

  connectedCallback() {
    super.connectedCallback();
    this.desk.keys.offer(this, this.#commands());
    this.#list();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.desk.keys.withdraw(this);
  }

  get #id() {
    return this.route.rest[0] ?? "";
  }

  willUpdate(changed) {
    if (changed.has("route") && this.#id !== (this.found?.id ?? "")) this.#show(this.#id);
  }

  async #list() {
    const found = await this.tried(this.desk.api.get(PATH));
    if (!found) return;
    this.all = found.templates;
    this.told = { languages: found.languages, segments: found.segments };
  }

  async #show(id) {
    if (!id) return (this.found = null);
    const found = await this.tried(this.desk.api.get(`${PATH}/${encodeURIComponent(id)}`));
    if (found && id === this.#id) this.found = found;
  }

  async #restore({ version }, words = version ? `Version ${version} is back, as it was.` : "What was trained is back.") {
    const { id, version: seen } = this.found;
    if (!(await this.tried(this.desk.api.post(`${PATH}/${encodeURIComponent(id)}/restore`, { version: seen, restore: version })))) return;
    this.desk.say(words);
    await this.#list();
    await this.#show(id);
  }

  get #asked() {
    const { query: asked } = this.route;
    return { q: asked.get("q") ?? "", state: asked.get("state") ?? "" };
  }

  #intent(id) {
    return this.desk.me.desk.intents.find((one) => one.id === id)?.title ?? id;
  }

  get #rows() {
    return (this.all ?? []).filter((one) => matches(one, this.#intent(one.intent), this.#asked));
  }

  #address(id, changed = {}) {
    return `${HERE}${id ? `/${encodeURIComponent(id)}` : ""}${query({ ...this.#asked, ...changed })}`;
  }

  #narrow(changed) {
    this.desk.go(this.#address(this.found?.id, changed), { replace: true });
  }

  #step(by) {
    const rows = this.#rows;
    const at = rows.findIndex(({ id }) => id === this.found?.id);
    const to = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))];
    if (to) this.desk.go(this.#address(to.id), { replace: Boolean(this.found) });
  }

  #commands() {
    const all = [
      { id: "next-answer", title: "Next answer", key: "j", run: () => this.#step(1) },
      { id: "previous-answer", title: "Previous answer", key: "k", run: () => this.#step(-1) },
      { id: "search-answers", title: "Search the answers", key: "/", run: () => this.querySelector("input[name=q]").focus() },
      { id: "try-question", title: "Try a question out", key: "t", run: () => this.querySelector("desk-trial").focus() },
    ];
    return this.desk.may("trainer") ? [...all, { id: "save-answer", title: "Save the answer as a draft", key: "Mod+s", run: () => this.querySelector("desk-answer")?.save() }] : all;
  }

  updated() {
    if (this.found?.id === this.seen) return;
    this.seen = this.found?.id;
    this.querySelector(".list [aria-current]")?.scrollIntoView({ block: "nearest" });
  }

  #row(one) {
    const said = flag(one);
    return html`<li><a href=${this.#address(one.id)} aria-current=${one.id === this.found?.id ? "true" : nothing}>
      <span class="called"><bdi class="cut">${one.title || one.id}</bdi><span class="badge ${one.state === "live" ? "serving" : ""}">${state(one)}</span>${said ? html`<span class="badge warn">${said}</span>` : nothing}</span>
      <span class="quiet cut"><bdi>${one.text}</bdi></span>
      <span class="quiet cut">${this.#intent(one.intent)}${one.author ? html` \u00b7 <bdi>${one.author}</bdi>` : nothing}${one.changed_at ? html`, <time datetime=${one.changed_at}>${when(one.changed_at)}</time>` : nothing}</span></a></li>`;
  }

  #shelf() {
    const { q, state: wanted } = this.#asked;
    const rows = this.#rows;
    const key = this.desk.keys.key("search-answers");
    return html`<section class="panel list" aria-labelledby="all"><header><h1 id="all">Answers</h1><span class="quiet" role="status">${this.all ? `${rows.length} of ${this.all.length}` : ""}</span></header>
      <div class="sought"><input name="q" type="search" aria-label="Search the answers" placeholder=${key ? `Search (${shown(key)})` : "Search"} .value=${q} @input=${(event) => this.#narrow({ q: event.target.value })}>
        <select aria-label="State" @change=${(event) => this.#narrow({ state: event.target.value })}>${Object.entries(STATES).map(([one, words]) => html`<option value=${one} ?selected=${one === wanted}>${words}</option>`)}</select></div>
      <ul>${repeat(rows, ({ id }) => id, (one) => this.#row(one))}${this.all && !rows.length ? html`<li class="quiet none">No answer is like that.</li>` : nothing}</ul></section>`;
  }

  #looks() {
    const row = this.all?.find(({ id }) => id === this.found.id);
    const { version, live_version: given } = this.found;
    const holds = this.desk.may("trainer") && version === given ? () => this.#restore({ version }, "Noted: it is right as it is.") : null;
    return looks(row, (id) => this.all.find((one) => one.id === id), (id) => this.#address(id), holds);
  }

  render() {
    const { found } = this;
    const restore = this.desk.may("trainer") ? (one) => this.#restore(one) : null;
    return html`<div class="answers">${this.#shelf()}
      <div class="bench" tabindex="-1">${this.fault ? html`<p class="refusal" role="alert">${this.fault}</p>` : nothing}
        ${found ? html`${this.#looks()}<section class="panel" aria-label="The answer"><desk-answer .desk=${this.desk} .found=${found}></desk-answer></section>` : nothing}
        <section class="panel" aria-labelledby="trial"><h2 id="trial">Try a question</h2><desk-trial .desk=${this.desk} .told=${this.told} .address=${(id) => this.#address(id)} .draft=${() => this.querySelector("desk-answer")?.draft ?? null}></desk-trial></section>
        ${found ? html`<section class="panel" aria-labelledby="versions"><h2 id="versions">Versions</h2>${versions(found.versions, found.live_version, restore)}</section>` : nothing}</div></div>`;
  }
}
