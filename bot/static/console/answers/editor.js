// One answer being edited: its text for everybody, for channels and languages, what it answers, and when it holds.

import { Part, define, html, live, nothing } from "../part.js";
import { shown } from "../keys.js";
import { clash } from "./clash.js";
import { previews } from "./preview.js";
import { state } from "./words.js";

const PAUSE = 400; // milliseconds after the last key until the preview is asked for
const CHANNELS = ["", "web", "telegram", "api"];
const BUTTONS = 3; // quick replies under one wording; the server's limit
const lines = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);
const listed = (text) => text.split(",").map((one) => one.trim()).filter(Boolean);

const kept = new Map(); // what is written and not saved yet, by the answer: {row, version}, for as long as this page is open

class Editor extends Part {
  static properties = { desk: {}, found: {}, row: { state: true }, shown: { state: true }, fault: { state: true }, said: { state: true }, theirs: { state: true }, busy: { state: true } };

  willUpdate(changed) {
    const before = changed.get("found");
    if (!changed.has("found") || (before && before.id === this.found.id && before.version === this.found.version)) return;
    this.#begin();
  }

  #begin() {
    const mine = kept.get(this.found.id);
    this.row = mine?.row ?? structuredClone(this.found.template);
    this.version = mine?.version ?? this.found.version;
    this.shown = this.theirs = null;
    this.fault = this.said = "";
    clearTimeout(this.timer);
    this.#preview();
  }

  get #may() {
    return this.desk.may("trainer");
  }

  get #edited() {
    return kept.has(this.found.id);
  }

  /** What customers would get besides if all that is here were live, as the test box sends it; null where they get it already. */
  get draft() {
    const { id, title, state: now, version, live_version: given } = this.found;
    return this.#edited || (now !== "retired" && version !== given) ? { id, title: title || id, template: this.row } : null;
  }

  #set(changed) {
    this.row = { ...this.row, ...changed };
    kept.set(this.found.id, { row: this.row, version: this.version });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#preview(), PAUSE);
  }

  async #preview() {
    const asked = (this.asked = {});
    try {
      const { previews: made } = await this.desk.api.post("/api/v1/templates/preview", { template: this.row });
      if (asked === this.asked) [this.shown, this.fault] = [made, ""];
    } catch (refusal) {
      if (asked === this.asked) this.fault = refusal.message;
    }
  }

  /** Save what is written as a draft, or how far it has come; where somebody else saved meanwhile, show theirs and keep what is written. */
  async #save(path, body, words, method = "post") {
    if (this.busy) return;
    const { id } = this.found;
    const address = `/api/v1/templates/${encodeURIComponent(id)}`;
    this.busy = true;
    this.said = "";
    try {
      await this.desk.api[method](`${address}${path}`, { version: this.version, ...body });
      this.#done(id, words);
    } catch (refusal) {
      this.said = refusal.message;
      this.theirs = refusal.code === "conflict" ? await this.desk.api.get(address).catch(() => null) : null;
    } finally {
      this.busy = false;
    }
  }

  #done(id, words) {
    kept.delete(id);
    this.theirs = null;
    if (words) this.desk.say(words);
    this.tell("saved", id);
  }

  save() {
    if (!this.#may || !this.#edited || this.fault) return;
    return this.#save("", { template: this.row }, "Saved as a draft. Customers get the live version until this one is.", "put");
  }

  #over() {
    this.version = this.theirs.version;
    this.#set({});
    return this.save();
  }

  #discard() {
    kept.delete(this.found.id);
    this.#begin();
  }

  #variant(at, changed) {
    this.#set({ variants: this.row.variants.map((one, place) => (place === at ? { ...one, ...changed } : one)) });
  }

  #area(label, value, changed, rows = 5) {
    return html`<label class="field"><span>${label}</span><textarea rows=${rows} dir="auto" .value=${live(value)} ?readonly=${!this.#may} @input=${(event) => changed(event.target.value)}></textarea></label>`;
  }

  #input(label, value, changed, type = "text", hint = "") {
    return html`<label class="field"><span>${label}</span><input type=${type} placeholder=${hint || nothing} .value=${live(value ?? "")} ?readonly=${!this.#may} @change=${(event) => changed(event.target.value)}></label>`;
  }

  #named(label, names, field) {
    return this.#input(label, (names ?? []).join(", "), (text) => this.#set({ [field]: listed(text) }));
  }

  #buttons(replies, changed) {
    const rows = this.#may ? [...replies, { label: "", says: "" }].slice(0, BUTTONS) : replies;
    const put = (at, one) => changed(rows.map((row, place) => (place === at ? { ...row, ...one } : row)).filter(({ label, says }) => label || says));
    const input = (name, at, value, field) => html`<input aria-label=${`${name} ${at + 1}`} placeholder=${name} dir="auto" .value=${live(value)} ?readonly=${!this.#may} @change=${(event) => put(at, field(event.target.value.trim()))}>`;
    if (!rows.length) return nothing;
    return html`<div class="field"><span>Buttons under it, and what the customer says by them</span>${rows.map(({ label, says }, at) => html`<div class="pair">
      ${input("Button", at, label, (text) => ({ label: text, says: says && says !== label ? says : text }))}${input("Says", at, says, (text) => ({ says: text }))}</div>`)}</div>`;
  }

  #wordings() {
    const { variants = [] } = this.row;
    return html`${variants.map((one, at) => html`<fieldset><legend>Wording ${at + 1}</legend>
        <div class="short"><label class="field"><span>Channel</span><select ?disabled=${!this.#may} @change=${(event) => this.#variant(at, { channel: event.target.value })}>
          ${CHANNELS.map((channel) => html`<option value=${channel} ?selected=${channel === (one.channel ?? "")}>${channel || "Any"}</option>`)}</select></label>
          ${this.#input("Language", one.language, (language) => this.#variant(at, { language }), "text", "de, zh-Hant")}</div>
        ${this.#area("Text of the wording", one.text, (text) => this.#variant(at, { text }), 3)}
        ${this.#buttons(one.quick_replies ?? [], (replies) => this.#variant(at, { quick_replies: replies }))}
        ${this.#may ? html`<button @click=${() => this.#set({ variants: variants.filter((_, place) => place !== at) })}>Take this wording away</button>` : nothing}</fieldset>`)}
      ${this.#may ? html`<button @click=${() => this.#set({ variants: [...variants, { text: this.row.text, channel: "telegram", language: "" }] })}>Another wording, for a channel or a language</button>` : nothing}`;
  }

  #fields() {
    const { row } = this;
    return html`${this.#area("Text", row.text, (text) => this.#set({ text }), 6)}
      ${this.#buttons(row.quick_replies ?? [], (replies) => this.#set({ quick_replies: replies }))}
      ${this.#area("Questions that it answers, one a line", (row.questions ?? []).join("\n"), (text) => this.#set({ questions: lines(text) }), 4)}
      ${this.#input("Called, on a button", row.title, (title) => this.#set({ title }))}
      <div class="short">${this.#input("From", row.valid_from, (day) => this.#set({ valid_from: day || null }), "date")}${this.#input("Until", row.valid_until, (day) => this.#set({ valid_until: day || null }), "date")}</div>
      <details><summary>Who gets it</summary><div class="fields">
        ${this.#named("Only where these variables are known", row.needs, "needs")}
        <div class="short">${this.#named("Only for the segments", row.only_for, "only_for")}${this.#named("Not for the segments", row.not_for, "not_for")}</div></div></details>
      ${this.#wordings()}`;
  }

  #steps() {
    const { found, busy } = this;
    const dirty = this.#edited;
    const key = this.desk.keys.key("save-answer");
    const step = (path, words, told, primary = false) => html`<button class=${primary ? "primary" : ""} ?disabled=${busy || dirty} @click=${() => this.#save(path, {}, told)}>${words}</button>`;
    return html`<footer><button class=${dirty ? "primary" : ""} ?disabled=${busy || !dirty || this.fault} @click=${() => this.save()}>Save as draft${key ? html` <kbd aria-hidden="true">${shown(key)}</kbd>` : nothing}</button>
      ${dirty ? html`<button @click=${() => this.#discard()}>Discard</button>` : nothing}
      ${found.state === "draft" ? step("/approve", "Approve", "Approved. It is given once somebody makes it live.", true) : nothing}
      ${found.state === "approved" || found.state === "retired" ? step("/live", "Make it live", "It is given from now on.", true) : nothing}
      ${found.live_version !== null ? step("/retire", "Retire", "It is given no more.") : nothing}
      <span class="quiet" role="status">${dirty ? "Not saved yet" : ""}</span></footer>`;
  }

  render() {
    if (!this.row) return nothing;
    const { found } = this;
    const intent = this.desk.me.desk.intents.find(({ id }) => id === found.intent)?.title ?? found.intent;
    return html`<header><h2><bdi>${found.title || found.id}</bdi></h2><span class="badge ${found.state === "live" ? "serving" : ""}">${state(found)}</span><span class="quiet">${intent}</span><span class="spring"></span><code>${found.id}</code></header>
      <div class="halves"><div class="fields">${this.#fields()}</div>${previews(this.shown, this.fault)}</div>
      ${this.said && !this.theirs ? html`<p class="refusal" role="alert">${this.said}</p>` : nothing}
      ${this.theirs ? clash(this.said, this.theirs, this.row, () => this.#over(), () => this.#done(found.id, "")) : nothing}
      ${this.#may ? this.#steps() : nothing}`;
  }
}
define("desk-answer", Editor);
