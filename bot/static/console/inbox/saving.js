// Save as answer: what an operator wrote becomes an answer of the bot's, looked over first, in force at once, and taken back with one button.

import { Part, define, html, live, nothing } from "../part.js";
import "../intents.js";

const GAP = /\[[a-z][a-z _]{1,40}\]/g; // bot/assist.py
const NEW = "\u0000new"; // no intent is called that

/** Return what an intent of this title is called: letters and digits, the rest one underscore. */
export const called = (title) => title.trim().toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "_").replace(/^_+|_+$/g, "").slice(0, 60);

class Saving extends Part {
  static properties = { desk: {}, lesson: { state: true }, intent: { state: true }, named: { state: true }, text: { state: true }, said: { state: true }, busy: { state: true }, taught: { state: true } };

  constructor() {
    super();
    this.lesson = this.taught = null;
    this.said = "";
  }

  connectedCallback() {
    super.connectedCallback();
    this.page = this.closest(".inbox");
    this.opens = ({ detail }) => this.open(detail);
    this.page.addEventListener("save-answer", this.opens);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.page.removeEventListener("save-answer", this.opens);
  }

  /** Make a draft of a text, or of an operator's message, and show it. */
  async open({ id, ...of }) {
    try {
      this.lesson = await this.desk.api.post(`/api/v1/conversations/${encodeURIComponent(id)}/answer-draft`, of);
    } catch (refusal) {
      this.desk.say(refusal.message);
      return;
    }
    const [likeliest] = this.lesson.intents;
    Object.assign(this, { intent: likeliest?.intent ?? NEW, named: "", other: null, text: this.lesson.text, said: "", busy: false, taught: null });
    await this.updateComplete;
    this.querySelector("dialog").showModal();
    const question = this.querySelector("textarea");
    question.focus();
    question.setSelectionRange(question.value.length, question.value.length);
  }

  get #gaps() {
    return [...new Set(this.text.match(GAP) ?? [])];
  }

  #needs() {
    return this.lesson.needs.filter((name) => this.text.includes(`{{ ${name} }}`));
  }

  async #teach(event) {
    event.preventDefault();
    const question = new FormData(event.target).get("question").trim();
    const own = this.intent === NEW;
    const body = { intent: own ? called(this.named) : this.intent, title: own ? this.named.trim() : "", text: this.text.trim(), questions: [question], needs: this.#needs() };
    if (!question || !body.text || !body.intent) return void (this.said = "A question, an answer and what it is about are needed.");
    await this.#doing(async () => (this.taught = await this.desk.api.post("/api/v1/teachings", body)));
    this.querySelector(".done button")?.focus();
  }

  async #undo() {
    await this.#doing(() => this.desk.api.delete(`/api/v1/teachings/${encodeURIComponent(this.taught.teaching_id)}`));
    if (this.said) return;
    this.#close();
    this.desk.say("Taken back. The bot answers as before.");
  }

  async #doing(what) {
    this.busy = true;
    this.said = "";
    try {
      await what();
    } catch (refusal) {
      this.said = refusal.message;
    } finally {
      this.busy = false;
    }
    await this.updateComplete;
  }

  #close() {
    this.querySelector("dialog").close();
  }

  #title(id) {
    return this.desk.me.desk.intents.find((one) => one.id === id)?.title ?? id;
  }

  #choice(id, words, more = nothing) {
    return html`<label class="check"><input type="radio" name="intent" .checked=${live(this.intent === id)} @change=${() => (this.intent = id)}><bdi>${words}</bdi>${more}</label>`;
  }

  #about() {
    const { intents } = this.lesson;
    const other = this.other && !intents.some(({ intent }) => intent === this.other) ? this.#choice(this.other, this.#title(this.other)) : nothing;
    return html`<fieldset><legend>What is it about?</legend>
      ${intents.map(({ intent, title, likely }) => this.#choice(intent, title, html`<span class="quiet">${Math.round(likely * 100)} %</span>`))}${other}
      ${this.#choice(NEW, "Something new, called")}
      ${this.intent === NEW ? html`<input aria-label="What it is called" .value=${live(this.named)} maxlength="60" @input=${(event) => (this.named = event.target.value)}>` : nothing}
      <desk-intents .intents=${this.desk.me.desk.intents} label="Another matter" hint="Another matter, by its title" @picked=${(event) => (this.other = this.intent = event.detail)}></desk-intents></fieldset>`;
  }

  #form() {
    const gaps = this.#gaps;
    const needs = this.#needs();
    return html`<form @submit=${this.#teach}>
      <label class="field">Question<textarea name="question" rows="2" dir="auto" .value=${live(this.lesson.question)} @input=${(event) => (this.lesson.question = event.target.value)}></textarea></label>
      <label class="field">Answer, for everybody<textarea name="answer" rows="4" dir="auto" .value=${live(this.text)} @input=${(event) => (this.text = event.target.value)}></textarea></label>
      ${gaps.length ? html`<p class="warm" role="status">Fill in or take out what was one customer\u2019s: ${gaps.join(", ")}</p>` : nothing}
      ${needs.length ? html`<p class="quiet">Given only where this is known: ${needs.join(", ").replaceAll("_", " ")}</p>` : nothing}
      ${this.#about()}
      <p class="refusal" role="alert">${this.said}</p>
      <footer><button type="button" @click=${() => this.#close()}>Cancel</button><button class="primary" ?disabled=${this.busy || gaps.length > 0}>Teach</button></footer></form>`;
  }

  #done() {
    return html`<div class="done"><p role="status">${this.taught.in_force ? "Taught. The next customer who asks gets it." : "Taught. It comes into force in a moment."} A retrain learns it for good.</p>
      <p class="refusal" role="alert">${this.said}</p>
      <footer><button ?disabled=${this.busy} @click=${() => this.#undo()}>Take it back</button><button class="primary" @click=${() => this.#close()}>Done</button></footer></div>`;
  }

  render() {
    return html`<dialog class="saving" aria-labelledby="saving-title" closedby="any">
      ${this.lesson ? html`<header><h2 id="saving-title">Save as answer</h2></header>${this.taught ? this.#done() : this.#form()}` : html`<h2 id="saving-title">Save as answer</h2>`}
    </dialog>`;
  }
}
define("desk-saving", Saving);
