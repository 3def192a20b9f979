// Releases: which serves, what waits, how they compare; promoting, going back, retraining now; and how the nights went.

import { Part, html, nothing, repeat } from "../part.js";
import { said } from "../numbers/figures.js";
import { diff } from "../releases/diff.js";
import { errand } from "../releases/errand.js";
import { nights } from "../releases/nights.js";
import { standing } from "../releases/words.js";
import { styled } from "../styles.js";
import { when } from "../time.js";
import "../ask.js";
import "../numbers/chart.js";
import "../releases/one.js";

await Promise.all(["../numbers/numbers.css", "../releases/releases.css"].map((sheet) => styled(new URL(sheet, import.meta.url))));

export const tag = "desk-releases";
export const title = "Releases";

const PATH = "/api/v1/releases";

export class Page extends Part {
  static properties = { desk: {}, route: {}, all: { state: true }, found: { state: true }, fault: { state: true }, retraining: { state: true }, comparing: { state: true } };

  constructor() {
    super();
    this.all = this.found = null;
    this.fault = "";
    this.retraining = this.comparing = {};
  }

  connectedCallback() {
    super.connectedCallback();
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.desk.live.addEventListener("retrain", ({ detail }) => this.#told("retraining", detail), { signal });
    this.desk.live.addEventListener("diff", ({ detail }) => this.#told("comparing", detail), { signal });
    this.desk.live.addEventListener("line", ({ detail }) => detail.on && this.#again(), { signal });
    this.desk.keys.offer(this, this.#commands());
    this.#again();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.listening.abort();
    this.desk.keys.withdraw(this);
  }

  get titles() {
    this.named ??= new Map(this.desk.me.desk.intents.map((intent) => [intent.id, intent.title]));
    return this.named;
  }

  willUpdate(changed) {
    if (changed.has("route") && this.all) this.#show();
  }

  async #again() {
    [this.retraining, this.comparing] = (await Promise.all(["retrain", "diff"].map((kind) => this.tried(this.desk.api.get(`${PATH}/${kind}`))))).map((one) => one ?? {});
    await this.#list();
  }

  async #list() {
    const all = await this.tried(this.desk.api.get(PATH));
    if (!all) return;
    this.all = all;
    await this.#show();
  }

  async #show() {
    const wanted = this.route.rest[0] || this.all.champion || this.all.releases[0]?.hash;
    if (!wanted) return;
    const found = await this.tried(this.desk.api.get(`${PATH}/${encodeURIComponent(wanted)}`));
    if (found) this.found = found;
  }

  /** Frames say how far it is; the result is fetched at the end. */
  async #told(which, state) {
    this[which] = state;
    if (state.running) return;
    if (which === "comparing") this.comparing = (await this.tried(this.desk.api.get(`${PATH}/diff`))) ?? state;
    else await this.#list();
  }

  #open(hash) {
    this.desk.go(`/console/releases/${encodeURIComponent(hash)}`, { replace: Boolean(this.route.rest[0]) });
  }

  #step(by) {
    const hashes = this.all?.releases.map(({ hash }) => hash) ?? [];
    const to = hashes[Math.min(hashes.length - 1, Math.max(0, hashes.indexOf(this.found?.hash) + by))];
    if (to) this.#open(to);
  }

  #ask(asked) {
    return this.querySelector("desk-ask").open(asked);
  }

  async #promote() {
    const { hash } = this.found;
    const reason = await this.#ask({ title: `Why should ${hash.slice(0, 8)} serve?`, field: "Reason" });
    if (reason && (await this.tried(this.desk.api.post(`${PATH}/${hash}/promote`, { reason })))) await this.#served(`${hash.slice(0, 8)} serves from now on.`);
  }

  async #rollback() {
    const reason = await this.#ask({ title: "Why should the one before serve again?", field: "Reason" });
    const done = reason && (await this.tried(this.desk.api.post(`${PATH}/rollback`, { reason })));
    if (done) await this.#served(`${done.champion.slice(0, 8)} serves again.`);
  }

  async #served(words) {
    this.desk.say(words);
    await this.#list();
  }

  async #retrain() {
    const hold = await this.#ask({ title: "Retrain now", choices: [["Promote it if it passes the gate", false], ["Hold it for me to look at", true]] });
    if (hold === null) return;
    this.retraining = (await this.tried(this.desk.api.post(`${PATH}/retrain`, { hold }))) ?? this.retraining;
  }

  async #stop() {
    this.retraining = (await this.tried(this.desk.api.delete(`${PATH}/retrain`))) ?? this.retraining;
  }

  async #compare() {
    const { champion } = this.all;
    this.comparing = (await this.tried(this.desk.api.post(`${PATH}/diff`, { before: champion, after: this.found.hash }))) ?? this.comparing;
  }

  #commands() {
    const reading = [
      { id: "next-release", title: "Next Release", key: "j", run: () => this.#step(1) },
      { id: "previous-release", title: "Previous Release", key: "k", run: () => this.#step(-1) },
    ];
    const acting = [
      { id: "retrain", title: "Retrain now", key: "r", run: () => !this.retraining.running && this.#retrain() },
      { id: "promote", title: "Promote this Release", key: "p", run: () => this.#mayServe && this.#promote() },
      { id: "rollback", title: "Go back to the Release before", run: () => this.#rollback() },
      { id: "compare", title: "Compare its answers with the champion's", key: "c", run: () => this.#mayServe && !this.comparing.running && this.#compare() },
    ];
    return this.desk.may("trainer") ? [...reading, ...acting] : reading;
  }

  get #mayServe() {
    return Boolean(this.found && !this.found.champion);
  }

  #row(one) {
    const { hash, at, figures } = one;
    return html`<li><a href=${`/console/releases/${hash}`} aria-current=${hash === this.found?.hash ? "true" : nothing}>
      <span><code>${hash.slice(0, 8)}</code> <span class="badge ${one.champion ? "serving" : ""}">${standing(one)}</span></span>
      <span class="quiet">${at ? html`<time datetime=${at}>${when(at)}</time>` : nothing}</span>
      <span class="quiet">${figures.accuracy == null ? "no report" : `${said(figures.accuracy, "share")} understood, ${said(figures.coverage, "share")} answered`}</span></a></li>`;
  }

  #head() {
    const may = this.desk.may("trainer");
    return html`<header class="asked"><h1>Releases</h1><span class="spring"></span>
      ${may ? html`<button @click=${() => this.#rollback()} ?disabled=${(this.all?.releases.length ?? 0) < 2}>Go back to the one before</button>
        <button class="primary" @click=${() => this.#retrain()} ?disabled=${this.retraining.running}>Retrain now</button>` : nothing}</header>`;
  }

  #detail() {
    if (!this.found) return nothing;
    const champion = this.all.releases.find((one) => one.champion);
    return html`<section class="panel one" aria-label="The Release">
      <desk-release .found=${this.found} .champion=${champion} .titles=${this.titles}></desk-release>
      ${this.#mayServe && this.desk.may("trainer") ? html`<footer><button class="primary" @click=${() => this.#promote()}>Promote</button>
        <button @click=${() => this.#compare()} ?disabled=${this.comparing.running}>Compare its answers with the champion's</button></footer>` : nothing}</section>`;
  }

  render() {
    return html`<div class="numbers releases">${this.#head()}${this.fault ? html`<p class="refusal" role="alert">${this.fault}</p>` : nothing}
      ${errand("Retraining", this.retraining, this.desk.may("trainer") ? () => this.#stop() : null)}
      ${this.all ? html`<div class="pair"><section class="panel shelf" aria-labelledby="shelf"><h2 id="shelf">On the shelf</h2>
          ${this.all.releases.length ? html`<ul>${repeat(this.all.releases, ({ hash }) => hash, (one) => this.#row(one))}</ul>` : html`<p class="quiet">There is none yet.</p>`}</section>
        ${this.#detail()}</div>
        ${this.comparing.running ? errand("Comparing answers", this.comparing) : diff(this.comparing)}
        <section class="panel" aria-labelledby="nights"><header class="head"><h2 id="nights">Nights</h2></header>${nights(this.all.nights, (hash) => this.#open(hash))}</section>` : nothing}
      <desk-ask></desk-ask></div>`;
  }
}
