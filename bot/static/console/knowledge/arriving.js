// Documents on their way in: each is read at once, shown with what it would change, and taken in or left out.

import { Part, define, html, nothing, repeat } from "../part.js";
import { query } from "../api.js";
import { ICONS } from "../icons.js";
import { sent, sized } from "../sending.js";
import { alike, changed, summary } from "./plan.js";
import { changes, outcome } from "./words.js";

const PATH = "/api/v1/pages";

class Arriving extends Part {
  static properties = { desk: {}, known: {}, files: { state: true } };

  constructor() {
    super();
    this.files = [];
    this.last = Promise.resolve(); // one after the other: reading one may take all that the server has for that
  }

  choose() {
    this.querySelector("input").click();
  }

  take(list) {
    for (const file of list) {
      const one = { file, done: 0, plan: null, way: "", why: this.#refused(file), busy: "", took: null, stop: new AbortController() };
      this.files = [...this.files, one];
      if (!one.why) this.#look(one);
    }
  }

  /** The documents that could be taken in as they are. */
  get ready() {
    return this.files.filter(({ plan, took, busy, why }) => plan && !took && !busy && !why && changes(plan) && !plan.in_the_way);
  }

  takeAll() {
    for (const one of this.ready) this.#take(one);
  }

  #refused({ size }) {
    const most = this.known?.most.bytes ?? Infinity;
    if (!size) return "The file is empty.";
    return size > most ? `A file may have ${sized(most)} at most.` : "";
  }

  #look(one, way = "") {
    this.#queue(one, "Reading", async (told) => {
      const plan = await sent(`${PATH}/preview${query({ way })}`, one.file, this.desk.api.csrf, told, one.stop.signal);
      Object.assign(one, { plan, way });
    });
  }

  #take(one) {
    const { way, plan } = one;
    this.#queue(one, "Taking in", async (told) => {
      one.took = await sent(`${PATH}${query({ way })}${way ? "&" : "?"}seen=${plan.seen}`, one.file, this.desk.api.csrf, told, one.stop.signal);
      this.tell("changed", { name: one.took.name });
    });
  }

  #undo(one) {
    this.#queue(one, "Taking back", async () => {
      await this.desk.api.post(`${PATH}/${encodeURIComponent(one.took.name)}/undo`, { change_id: one.took.change_id });
      this.tell("changed", { name: one.took.name });
      this.#drop(one);
      this.desk.say(`${one.file.name} is taken back.`);
    });
  }

  #queue(one, busy, work) {
    this.#changed(one, { busy, done: 0, why: "" });
    this.last = this.last.then(async () => {
      if (one.stop.signal.aborted) return;
      try {
        await work((done) => this.#changed(one, { done }));
      } catch (refusal) {
        one.why = refusal.message;
      }
      this.#changed(one, { busy: "" });
    });
  }

  #changed(one, fields) {
    Object.assign(one, fields);
    this.files = [...this.files];
  }

  #drop(one) {
    one.stop.abort();
    this.files = this.files.filter((other) => other !== one);
  }

  #state(one) {
    if (one.busy) return html`<progress max="1" .value=${one.done || nothing} aria-label=${`${one.busy}: ${one.file.name}`}></progress><span class="quiet">${one.busy}</span>`;
    if (one.took) return html`<span class="badge operator">${one.took.quoted ? "Taken in, quoted now" : "Taken in, waits for training"}</span>`;
    if (one.plan) return html`<span class="badge ${one.plan.in_the_way ? "waiting" : ""}">${one.plan.in_the_way ? "In the way of a page" : outcome(one.plan)}</span>`;
    return nothing;
  }

  #contest(one) {
    const { plan } = one;
    return html`<div class="contest" role="alert"><p>${plan.in_the_way}</p>
      <button @click=${() => this.#choose(one, "replace")}>Replace that page</button><button @click=${() => this.#choose(one, "beside")}>Put it beside</button></div>`;
  }

  /** What replaces a page is taken as it was shown; beside it, it is shown as what it becomes first. */
  #choose(one, way) {
    if (way === "beside") return this.#look(one, way);
    this.#changed(one, { way, plan: { ...one.plan, in_the_way: "" } });
  }

  #buttons(one) {
    if (one.busy) return html`<button @click=${() => this.#drop(one)}>Stop</button>`;
    if (one.took) return html`<a href=${`/console/knowledge/${encodeURIComponent(one.took.name)}`}>Show the page</a>${one.took.change_id ? html`<button @click=${() => this.#undo(one)}>Undo</button>` : nothing}<button class="plain" aria-label=${`Put ${one.file.name} away`} @click=${() => this.#drop(one)}>Done</button>`;
    return html`${one.why && one.plan ? html`<button @click=${() => this.#look(one, one.way)}>Look again</button>` : nothing}
      ${!one.why && one.plan && changes(one.plan) && !one.plan.in_the_way ? html`<button class="primary" @click=${() => this.#take(one)}>Take in</button>` : nothing}
      <button class="plain" aria-label=${`Leave ${one.file.name} out`} @click=${() => this.#drop(one)}>Leave out</button>`;
  }

  #file(one) {
    const { plan, took } = one;
    return html`<li class="panel arrived"><header>${ICONS.file}<h2><bdi class="cut">${one.file.name}</bdi></h2><span class="quiet">${sized(one.file.size)}</span>${this.#state(one)}<span class="spring"></span>${this.#buttons(one)}</header>
      ${one.why ? html`<p class="refusal" role="alert">${one.why}</p>` : nothing}
      ${plan && !took ? html`<p>${changes(plan) ? html`Page <b><bdi>${plan.title}</bdi></b> <span class="quiet">(${plan.name})</span>, passages: ${summary(plan)}.` : "The page says all of it already."}</p>
        ${plan.note ? html`<p class="quiet">${plan.note}.</p>` : nothing}
        ${plan.in_the_way ? this.#contest(one) : nothing}${alike(plan)}
        ${changes(plan) ? html`<details ?open=${this.files.length === 1}><summary>What changes</summary>${changed(plan)}</details>` : nothing}` : nothing}</li>`;
  }

  render() {
    const ready = this.ready.length;
    return html`<div class="drop"><p><b>Drop documents here</b>, or <button @click=${() => this.choose()}>Choose files</button></p>
        <p class="quiet">${this.known ? `${this.known.formats}, up to ${sized(this.known.most.bytes)} each. ` : ""}Nothing changes before you have seen what would.</p>
        <input type="file" multiple hidden aria-label="Documents" accept=".md,.markdown,.txt,.html,.htm,.xhtml,.pdf,.docx,.csv" @change=${({ target }) => { this.take(target.files); target.value = ""; }}></div>
      ${this.files.length ? html`<section aria-label="Documents on their way in">${ready > 1 ? html`<p class="together"><button class="primary" @click=${() => this.takeAll()}>Take all ${ready} in</button></p>` : nothing}
        <ul>${repeat(this.files, (one) => one, (one) => this.#file(one))}</ul></section>` : nothing}`;
  }
}
define("desk-arriving", Arriving);
