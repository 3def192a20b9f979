// The list of conversations: states with their counts, filters, rows.

import { Part, define, html, live, nothing, repeat } from "../part.js";
import { ICONS } from "../icons.js";
import { due, since, when, whole } from "../time.js";
import "./chosen.js";
import { seen } from "./drafts.js";
import { because } from "./said.js";
import { excerpt } from "./search.js";
import { STATES, called, isUnhappy, sorts } from "./rows.js";

const EMPTY = {
  waiting: "Nobody is waiting. Press ? for the keys.",
  mine: "You have no conversation, and nobody asks you to care for one. Take one from Waiting with T.",
  open: "Nobody needs a person now. What the bot answers is under Bot.",
  bot: "The bot is talking to nobody at the moment.",
  snoozed: "Nothing is laid aside.",
  closed: "No conversation is over yet.",
  all: "There is no conversation yet. Write one in the widget at the address of this server.",
};

class List extends Part {
  static properties = { rows: {}, counts: {}, filter: {}, selected: {}, desk: {}, more: {}, found: {}, said: {}, now: {}, bulk: {}, chosen: {}, done: {} };

  constructor() {
    super();
    this.rows = [];
    this.counts = {};
    this.more = null;
    this.found = [];
    this.said = "";
  }

  updated(changed) {
    if (changed.has("selected")) this.querySelector("[aria-current=true]")?.scrollIntoView({ block: "nearest" });
  }

  #narrow(changed) {
    this.tell("narrow", { ...this.filter, ...changed });
  }

  #choice(name, label, options) {
    return html`<select aria-label=${label} .value=${live(this.filter[name])} @change=${(event) => this.#narrow({ [name]: event.target.value })}>
      ${options.map(([value, words]) => html`<option value=${value} ?selected=${this.filter[name] === value}>${words}</option>`)}</select>`;
  }

  #filters() {
    const { channels, intents, locales } = this.desk.me.desk;
    const { filter } = this;
    const more = [filter.channel, filter.intent, filter.language, filter.mood].filter(Boolean).length;
    return html`<div class="find">
        <label class="search">${ICONS.search}<span class="hidden">Search names and last words</span>
          <input type="search" name="q" placeholder="Search" .value=${filter.q} @change=${(event) => this.#narrow({ q: event.target.value })}></label>
        ${this.#choice("sort", "Order", sorts(this.desk.me.desk))}
      </div>
      <details class="narrow" ?open=${more > 0}><summary>Filters${more ? html` <span class="count">${more}</span>` : nothing}</summary>
        <div>${this.#choice("channel", "Channel", [["", "Any channel"], ...channels.map((one) => [one, one])])}
        ${this.#choice("intent", "Intent", [["", "Any intent"], ...intents.map(({ id, title }) => [id, title])])}
        ${this.#choice("language", "Language", [["", "Any language"], ...locales.map((one) => [one, one])])}
        ${this.#choice("mood", "Mood", [["", "Any mood"], ["low", "Unhappy"]])}</div>
      </details>`;
  }

  #row(row) {
    const current = row.conversation_id === this.selected;
    const unread = row.last_by === "customer" && row.seq > seen(row.conversation_id) && !current;
    return html`<li class="line">${this.bulk ? this.#box(row) : nothing}<a class="row ${unread ? "unread" : ""}" href=${`/console/inbox/${encodeURIComponent(row.conversation_id)}${location.search}`}
      aria-current=${String(current)} @click=${this.#open}>
      <span class="who"><bdi>${called(row.visitor)}</bdi>${unread ? html`<span class="dot" role="img" aria-label="Unread"></span>` : nothing}</span>
      ${row.waiting_since ? this.#wait(row) : html`<span class="at quiet">${row.last_at ? when(row.last_at, this.now) : ""}</span>`}
      <span class="text" dir="auto">${row.last_by === "customer" ? nothing : html`<span class="quiet">${row.last_by === "bot" ? "Bot: " : `${row.owner || "Desk"}: `}</span>`}${row.last_text}</span>
      <span class="marks">${this.#marks(row)}</span></a></li>`;
  }

  #box(row) {
    const id = row.conversation_id;
    return html`<label class="pick"><input type="checkbox" aria-label=${`Choose ${called(row.visitor)}`} .checked=${live(this.bulk.has(id))}
      @change=${() => this.tell("pick", id)}></label>`;
  }

  #wait({ waiting_since: from, due_at: at }) {
    const late = at && Date.parse(at) <= this.now;
    const waits = `Waiting since ${whole(from)}${at ? `; an answer is due ${whole(at)}` : ""}`;
    return html`<span class="wait ${late ? "late" : ""}" title=${waits}>${ICONS.clock}${at
      ? due(at, this.now)
      : html`<span class="hidden">Waiting for </span>${since(from, this.now)}`}</span>`;
  }

  #marks(row) {
    const mine = row.owner && row.owner === this.desk.me.name;
    return html`<span class="badge ${row.state}">${row.state === "operator" ? html`<bdi>${mine ? "You" : row.owner}</bdi>` : STATE[row.state]}</span>
      ${row.assigned ? html`<span class="badge asked">${row.assigned === this.desk.me.name ? "You are asked" : html`<bdi class="cut">${row.assigned}</bdi> is asked`}</span>` : nothing}
      ${isUnhappy(row) ? html`<span class="badge low">${ICONS.low}Unhappy</span>` : nothing}
      ${row.state === "waiting" && row.reason ? html`<span class="quiet cut">${because(row.reason)}</span>` : html`<span class="quiet">${row.visitor.channel}</span>`}`;
  }

  #open(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    this.tell("opened");
  }

  render() {
    if (!this.desk) return nothing;
    return html`<h2 class="hidden">Conversations</h2>
      <nav class="states" aria-label="Which conversations">${STATES.map(([state, words]) => html`<a
        href=${`/console/inbox?state=${state}`} aria-current=${this.filter.state === state ? "true" : nothing}>${words}
        ${state in this.counts ? html`<span class="count">${this.counts[state]}</span>` : nothing}</a>`)}</nav>
      ${this.#filters()}
      ${this.bulk ? html`<desk-chosen .bulk=${this.bulk} .many=${this.bulk.ids.length} .done=${this.done} .keys=${this.desk.keys}></desk-chosen>` : nothing}
      <ul class="rows ${this.bulk ? "picking" : ""}" aria-label="Conversations" tabindex="-1">${repeat(this.rows, (row) => row.conversation_id, (row) => this.#row(row))}
        ${this.#found()}
        ${this.more ? html`<li class="further"><button @click=${() => this.tell("further")}>Show more</button></li>` : nothing}
      </ul>
      ${this.said ? html`<p class="refusal none" role="alert">${this.said}</p>` : nothing}
      ${this.rows.length || this.found.length || this.said || !this.loaded ? nothing : html`<p class="quiet none">${this.#isNarrowed ? "No conversation is like that. Take a filter off." : EMPTY[this.filter.state]}</p>`}`;
  }

  #found() {
    if (!this.found.length) return nothing;
    return html`<li><h3>In what was said</h3><ul class="found">${this.found.map((one) => html`<li><a
      class="row" href=${`/console/inbox/${encodeURIComponent(one.conversation_id)}${location.search}`}>
      <span class="text" dir="auto">${excerpt(one).map(([text, marked]) => (marked ? html`<mark>${text}</mark>` : text))}</span>
      <span class="marks quiet">${WHO[one.by]}, <time>${when(one.at, this.now)}</time></span></a></li>`)}</ul></li>`;
  }

  get loaded() {
    return Object.keys(this.counts).length > 0;
  }

  get #isNarrowed() {
    const { q, channel, intent, mood, owner, language } = this.filter;
    return Boolean(q || channel || intent || mood || owner || language);
  }
}
const WHO = { customer: "Customer", bot: "Bot", operator: "A person" };
const STATE = { bot: "Bot", waiting: "Waiting", returned: "Bot again", closed: "Closed" };
define("desk-list", List);
