// The review queue: one question in focus, what it is taken for, and one key to say what it means.

import { define, html, live, nothing, repeat } from "../part.js";
import { shown } from "../keys.js";
import { beside } from "./beside.js";
import { choices } from "./choices.js";
import { Deciding, NONE, UNPICKED } from "./deciding.js";
import { Queue } from "./queue.js";
import { WHY, ago, counted, percent } from "./words.js";

const SAMPLE = "audit"; // its label measures the bot, so what the bot thinks is not shown
const TOGETHER = 100; // messages of one decision; the server's limit

class Waiting extends Deciding {
  static properties = { alike: { state: true } };

  view = "queue";
  named = (ticket) => ticket.message_id;
  back = (count) => `Taken back: ${counted(count, "message", "messages")}.`;

  constructor() {
    super();
    this.alike = null; // what "find similar" found for the ticket in focus
  }

  begun() {
    return new Queue(this.desk.api, this.desk.me.name);
  }

  begin(now) {
    super.begin(now);
    this.alike = null;
    if (now && now.why !== SAMPLE) this.chosen = now.proposed.intent;
  }

  commands() {
    return {
      said: { one: "question", label: "label", some: "a label" },
      looking: [{ id: "review-similar", title: "Find similar questions", key: "f", run: () => this.#similar() }],
      deciding: [
        { id: "review-decide", title: "Give the picked label and go on", key: "Enter", run: () => this.#decide() },
        { id: "review-dismiss", title: "No label needed, go on", key: "Backspace", run: () => this.#dismiss() },
        { id: "review-alone", title: "Decide with the others of the group, or without", key: "g", run: () => this.#alone() },
      ],
    };
  }

  get #blind() {
    return this.one?.why === SAMPLE;
  }

  /** Intents a digit picks: the candidates, what reviewers said, what examples nearby have, and what was searched for; of a sample by title. */
  get few() {
    const { candidates, labels, nearest } = this.one ?? { candidates: [], labels: [], nearest: [] };
    const ids = [...candidates, ...labels, ...nearest].map(({ intent }) => intent);
    const few = this.shortened(ids, this.#blind && ((one, other) => this.title(one).localeCompare(this.title(other))));
    const score = (id) => (this.#blind ? undefined : candidates.find((one) => one.intent === id)?.score);
    return few.map((id) => ({ id, title: this.title(id), score: score(id) }));
  }

  title(id) {
    return super.title(id, this.one?.candidates);
  }

  /** The messages that the next decision is about. */
  get #messages() {
    const group = [...this.one.messages, ...(this.alike ?? []).map((one) => one.message_id)];
    return group.filter((one) => !this.out.has(one)).slice(0, TOGETHER);
  }

  #decide() {
    if (!this.one) return;
    if (this.chosen === UNPICKED) {
      this.done = "Pick a label first: nothing is picked for a sample.";
      this.requestUpdate();
      return;
    }
    const messages = this.#messages;
    const title = this.title(this.chosen);
    this.done = `Labelled \u201c${title}\u201d${messages.length > 1 ? `, ${messages.length} messages` : ""}.`;
    this.store.decide(messages, this.chosen);
  }

  #dismiss() {
    if (!this.one) return;
    const messages = this.#messages;
    this.done = messages.length > 1 ? `${messages.length} messages need no label.` : "It needs no label.";
    this.store.dismiss(messages);
  }

  async #similar() {
    const { one: ticket } = this;
    if (!ticket) return;
    try {
      const found = await this.store.similar(ticket);
      if (ticket === this.one) this.alike = found;
    } catch (refusal) {
      this.desk.say(refusal.message);
    }
  }

  #alone() {
    if (!this.one) return;
    const others = [...this.one.messages.slice(1), ...(this.alike ?? []).map((one) => one.message_id)];
    this.out = this.out.size ? new Set() : new Set(others);
  }

  render() {
    return html`<div class="review" aria-busy=${String(!this.store.known)}>${this.#aside()}
      ${this.one ? html`${this.#card()}${beside(this.one, (id) => this.title(id))}` : this.#nothing()}</div>`;
  }

  #nothing() {
    const { fault, open, known } = this.store;
    if (!known) return this.coming("questions to label");
    if (open && !fault) return html`<section class="coming"></section>`; // they are on their way
    return html`<section class="coming"><h2>${fault ? "The queue could not be read" : "Nothing to label"}</h2>
      <p role=${fault ? "alert" : nothing}>${fault || "Questions that the bot is unsure of come here as customers ask them."}</p>
      <p class="quiet" role="status">${this.done}</p>
      <p><button @click=${() => this.store.load()}>Look again</button></p></section>`;
  }

  #aside() {
    const { tickets, open } = this.store;
    return html`<nav class="queue" aria-label="Questions to label">
      <header><h1>Review</h1><span class="quiet">${this.once(`${open} to label`)}</span></header>
      ${this.once(this.#progress())}
      <ol>${repeat(tickets, (one) => one.message_id, (one, at) => html`<li><button class="item"
        aria-current=${at === this.store.at ? "true" : nothing} @click=${() => this.store.look(at)}>
        <span class="text" dir="auto">${one.text}</span>
        <span class="why ${one.why}">${WHY[one.why]?.[0]}${one.messages.length > 1 ? html` <span class="quiet">\u00d7 ${one.messages.length}</span>` : nothing}</span>
      </button></li>`)}</ol></nav>`;
  }

  #progress() {
    const sum = this.store.today.reduce((all, { decisions }) => all + decisions, 0);
    const own = this.store.today.find(({ operator }) => operator === this.desk.me.name)?.decisions ?? 0;
    return html`<div class="today"><p><strong>${own}</strong> by you today${sum > own ? html`, <strong>${sum}</strong> with colleagues` : nothing}</p>
      <progress max=${Math.max(1, sum + this.store.open)} value=${sum} aria-label="Decided today"></progress></div>`;
  }

  #card() {
    const { one: ticket } = this;
    const [why, meaning] = WHY[ticket.why] ?? [ticket.why, ""];
    return html`<section class="ticket" aria-label="Question">
      <div class="scroll">
        <p class="reason"><span class="why ${ticket.why}">${why}</span> <span class="quiet">${meaning}</span></p>
        <h2 class="question" tabindex="-1" dir="auto">${ticket.text}</h2>
        <p class="quiet facts">${ticket.asked > 1 ? `Asked ${ticket.asked} times, last ` : "Asked "}${ago(ticket.at)}
          \u00b7 <a href=${`/console/inbox/${encodeURIComponent(ticket.conversation_id)}`}>Conversation</a></p>
        ${this.#labels()}${this.#group()}${this.#fieldset()}
      </div>
      ${this.#actions()}
    </section>`;
  }

  #labels() {
    if (!this.one.labels.length) return nothing;
    return html`<dl class="labels" aria-label="What reviewers said">${this.one.labels.map(({ operator, intent }) => html`<div>
      <dt><bdi>${operator}</bdi> says</dt><dd>${this.title(intent)}</dd></div>`)}</dl>`;
  }

  #group() {
    const { messages, twins } = this.one;
    const alike = this.alike ?? [];
    if (!twins.length && !this.alike) return nothing;
    const box = (id, text, more) => html`<li><label class="check"><input type="checkbox" .checked=${live(!this.out.has(id))}
      @change=${(event) => this.leave(id, !event.target.checked)}><bdi>${text}</bdi>${more}</label></li>`;
    const taken = (one) => html`<span class="quiet">${one.proposed.title}</span>`;
    return html`<div class="group"><h3 id="group-title">${twins.length + alike.length
        ? `The same decision for ${counted(twins.length + alike.length, "more that says", "more that say")} nearly this` : "Nothing else says nearly this"}
        ${twins.length + alike.length ? html`<kbd>${shown(this.desk.keys.key("review-alone"))}</kbd>` : nothing}</h3>
      <ul aria-labelledby="group-title">${twins.slice(0, messages.length - 1).map((text, at) => box(messages[at + 1], text, nothing))}
        ${alike.map((one) => box(one.message_id, one.text, taken(one)))}</ul></div>`;
  }

  #fieldset() {
    const { proposed, labels } = this.one;
    const by = (id) => labels.filter(({ intent }) => intent === id).map(({ operator }) => operator).join(", ");
    return choices({
      title: "What do they mean?",
      note: this.#blind ? "What the bot thinks is not shown" : `Proposed: ${proposed.title}, ${percent(proposed.confidence)} sure`,
      rows: [
        ...this.few.map((one, at) => ({ ...one, key: at + 1, by: by(one.id) })),
        { id: NONE, key: 0, title: "None of these: the desk has no answer to it", by: by(NONE) },
      ],
      chosen: this.chosen,
      trains: this.trains,
      desk: this.desk,
      pick: (id) => this.pick(id),
      left: () => this.querySelector(".question").focus(),
    });
  }

  #actions() {
    const key = (id) => html`<kbd>${shown(this.desk.keys.key(id))}</kbd>`;
    if (!this.trains) return html`<footer class="acts"><p class="quiet">Labels are given by trainers: ask an admin for that role.</p></footer>`;
    const count = this.#messages.length;
    return html`<footer class="acts">
      <button class="primary" @click=${this.#decide}>Label${count > 1 ? ` ${count}` : ""} ${key("review-decide")}</button>
      <button @click=${this.#dismiss}>No label needed ${key("review-dismiss")}</button>
      <button @click=${this.#similar}>Find similar ${key("review-similar")}</button>
      <span class="spring"></span>
      <span class="quiet" role="status">${this.done}</span>
      <button class="plain" @click=${this.undo}>Undo ${key("review-undo")}</button>
    </footer>`;
  }
}
define("desk-waiting", Waiting);
