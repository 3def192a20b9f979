// A question tried out: what the bot would answer to it now and with the draft that is looked at, and why. Nobody gets it, and nothing of it is kept.

import { Part, define, html, nothing } from "../part.js";
import { shown } from "../keys.js";
import { evidence, reading, says } from "./evidence.js";

const CHANNELS = { web: "Web", telegram: "Telegram", api: "API" };
const languages = new Intl.DisplayNames(undefined, { type: "language" });

class Trial extends Part {
  static properties = { desk: {}, address: {}, draft: {}, told: {}, asked: { state: true }, found: { state: true }, fault: { state: true }, busy: { state: true } };

  constructor() {
    super();
    this.asked = { channel: "web", language: "", segment: "" };
    this.found = null;
    this.fault = "";
  }

  focus() {
    const field = this.querySelector("input");
    field.focus();
    field.select();
    this.scrollIntoView({ block: "nearest" });
  }

  async #ask(event) {
    event.preventDefault();
    const text = this.querySelector("input").value.trim();
    if (!text) return;
    const asking = (this.asking = {});
    const { channel, language, segment } = this.asked;
    const draft = this.draft();
    const body = { text, channel, language, segments: segment ? [segment] : [], draft: draft && { id: draft.id, template: draft.template } };
    this.busy = true;
    const found = await this.tried(this.desk.api.post("/api/v1/explain", body));
    if (asking !== this.asking) return;
    [this.busy, this.found] = [false, found && { ...found, draft }];
  }

  #choice(label, field, choices) {
    return html`<select aria-label=${label} @change=${(event) => (this.asked = { ...this.asked, [field]: event.target.value })}>${choices.map(([one, words]) => html`<option value=${one} ?selected=${one === this.asked[field]}>${words}</option>`)}</select>`;
  }

  #form() {
    const key = this.desk.keys.key("try-question");
    const { languages: spoken = [], segments = [] } = this.told ?? {};
    return html`<form class="asking" @submit=${this.#ask}>
      <input aria-label="A question, as a customer would write it" placeholder=${`A question, as a customer would write it${key ? ` (${shown(key)})` : ""}`} maxlength="4096" dir="auto" required>
      ${this.#choice("On", "channel", Object.entries(CHANNELS))}
      ${spoken.length ? this.#choice("Answered in", "language", [["", "Its language"], ...spoken.map((one) => [one, languages.of(one)])]) : nothing}
      ${segments.length ? this.#choice("Asked by", "segment", [["", "Any customer"], ...segments.map((one) => [one, one])]) : nothing}
      <button class="primary" ?disabled=${this.busy}>Ask</button></form>`;
  }

  #shown() {
    const { found } = this;
    if (!found) return html`<p class="quiet">What the bot would answer right now, and why; beside it, with the draft that you look at. Nobody gets it, and nothing of it is kept.</p>`;
    const { after, draft } = found;
    const title = (id) => this.desk.me.desk.intents.find((intent) => intent.id === id)?.title ?? id;
    const card = (one, when) => evidence(one, title, this.address, when);
    if (!after) return card(found, "");
    const named = html`<bdi>${draft.title}</bdi>`;
    if (same(found, after)) return html`<p>With the draft of ${named} the customer gets the same.</p>${card(found, "")}`;
    const alike = understood(found) === understood(after);
    const side = alike ? (one, when) => says(one, this.address, when) : card;
    return html`<div class="evidences"><div><h3>Now</h3>${side(found, "Now")}</div><div><h3>With the draft of ${named}</h3>${side(after, "With the draft")}</div></div>
      ${alike ? html`<div class="evidence">${reading(found, title, this.address, "")}</div>` : nothing}`;
  }

  render() {
    return html`${this.#form()}<div class="tried" aria-live="polite">${this.fault ? html`<p class="refusal" role="alert">${this.fault}</p>` : nothing}${this.#shown()}</div>`;
  }
}
define("desk-trial", Trial);

const understood = ({ evidence: { candidates, confidence, taught } }) => JSON.stringify([candidates, confidence, taught]);
const same = (one, other) => ["action", "reason", "text", "template_id"].every((name) => one[name] === other[name]) && String(one.choices.map(({ label }) => label)) === String(other.choices.map(({ label }) => label));
