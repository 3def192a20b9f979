// One conversation: what was said and by whom, what the bot understood, and what happened in between.

import { Part, define, html, nothing, repeat } from "../part.js";
import { ICONS } from "../icons.js";
import { dayOf, hour, whole } from "../time.js";
import "./rewording.js";
import { because, said } from "./said.js";

const WHO = { customer: "Customer", bot: "Bot", note: "Note" };

class Talk extends Part {
  static properties = { events: {}, name: {}, titles: {}, typing: {}, saves: {}, me: {}, api: {}, changes: {}, changed: { state: true } };

  constructor() {
    super();
    this.events = [];
    this.typing = [];
    this.changed = null; // the message that is being changed
    this.titles = new Map();
  }

  willUpdate(changed) {
    if (!changed.has("events")) return;
    this.items = said(this.events);
    this.atEnd ||= this.events[0]?.conversation_id !== this.shown;
    this.shown = this.events[0]?.conversation_id;
  }

  firstUpdated() {
    const log = this.querySelector(".log");
    this.fitted = new ResizeObserver(() => this.#pin());
    this.fitted.observe(log);
  }

  updated(changed) {
    if (changed.has("events")) this.#pin();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.fitted?.disconnect();
  }

  /** Whoever reads the end goes on reading it, whatever comes and however high the field below is. */
  #pin() {
    const log = this.querySelector(".log");
    this.high = log.clientHeight;
    if (this.atEnd) log.scrollTop = log.scrollHeight;
  }

  #scrolled(event) {
    const log = event.target;
    if (log.clientHeight !== this.high) return; // it was the field below that grew, and not somebody who scrolls
    this.atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  }

  #file(file) {
    return html`<a class="file" href=${`/files/${file.file_id}/${encodeURIComponent(file.name)}`} target="_blank" rel="noreferrer">${ICONS.file}<bdi>${file.name}</bdi></a>`;
  }

  #understood({ intent, confidence, reason, verdict, action }) {
    const title = this.titles.get(intent) ?? intent;
    const known = verdict !== "out_of_scope";
    const share = Math.round(confidence * 100);
    return html`<p class="understood ${verdict}">
      <span class="hidden">The bot understood: </span>${known ? nothing : html`<span>Nothing it knows${title ? ", the nearest is" : ""}</span>`}<bdi>${title}</bdi>
      ${confidence ? html`<span class="share" title="How likely this is what was meant">${share} %</span>` : nothing}
      ${action === "handoff" ? nothing : html`<span class="quiet">${because(reason)}</span>`}</p>`;
  }

  #thumb({ thumb, comment }) {
    const words = thumb === "up" ? "The customer found this helpful" : "The customer found this not helpful";
    return html`<p class="thumb ${thumb}">${ICONS[thumb]}<span>${words}${comment ? html`: <q dir="auto">${comment}</q>` : nothing}</span></p>`;
  }

  #save({ message }) {
    return html`<button class="plain save" @click=${() => this.tell("save-answer", { id: this.shown, message_id: message })}>Save as answer</button>`;
  }

  /** Change the last words of one's own. */
  rewordLast() {
    const last = this.items.findLast((item) => this.#own(item));
    if (last) this.changed = last.message;
  }

  #own(item) {
    return this.changes && item.kind === "operator" && item.who === this.me && item.text && !item.unsent;
  }

  #reworded() {
    this.changed = null;
    this.tell("reworded-one");
  }

  #words(item) {
    if (!item.text) return nothing;
    if (this.changed === item.message && this.#own(item)) return html`<desk-rewording .api=${this.api} .conversation=${this.shown} .item=${item} @reworded=${this.#reworded}></desk-rewording>`;
    return html`<p class="words" dir="auto">${item.text}</p>`;
  }

  #item(item) {
    if (item.kind === "fact") return html`<p class="fact"><span>${item.text}</span> <time datetime=${item.at} title=${whole(item.at)}>${hour(item.at)}</time></p>`;
    const who = item.kind === "operator" ? item.who : item.kind === "note" ? `Note by ${item.who}` : item.kind === "customer" ? this.name : WHO[item.kind];
    return html`<article class="message ${item.kind}">
      <header>${this.saves && item.kind === "operator" && item.text ? this.#save(item) : nothing}${this.#own(item) ? html`<button class="plain save" @click=${() => (this.changed = item.message)}>Edit</button>` : nothing}${item.kind === "bot" ? ICONS.bot : item.kind === "note" ? ICONS.note : ICONS.person}<bdi class="by">${who}</bdi>
        <time datetime=${item.at} title=${whole(item.at)}>${hour(item.at)}</time>${item.edited || item.corrected ? html`<span class="quiet">edited</span>` : nothing}</header>
      ${this.#words(item)}
      ${item.files?.length ? html`<div class="files">${item.files.map((file) => this.#file(file))}</div>` : nothing}
      ${item.choices?.length ? html`<p class="offers">${item.choices.map(({ label }) => html`<span class="offer" dir="auto">${label}</span>`)}</p>` : nothing}
      ${item.unsent ? html`<p class="unsent">Did not reach the customer: ${because(item.unsent)}</p>` : nothing}
      ${item.thumb ? this.#thumb(item) : nothing}
      ${item.understood && item.understood.reason !== "with_operator" ? this.#understood(item.understood) : nothing}
    </article>`;
  }

  #day(item, at) {
    const day = dayOf(item.at);
    return at && dayOf(this.items[at - 1].at) === day ? nothing : html`<p class="day"><span>${day}</span></p>`;
  }

  render() {
    return html`<div class="log" role="log" aria-label="What was said" tabindex="0" @scroll=${this.#scrolled}>
        ${repeat(this.items ?? [], (item) => item.id, (item, at) => html`${this.#day(item, at)}${this.#item(item)}`)}
      </div>
      <p class="typing" role="status">${this.typing.length ? `${this.typing.join(", ")} ${this.typing.length > 1 ? "are" : "is"} typing` : ""}</p>`;
  }
}
define("desk-talk", Talk);
