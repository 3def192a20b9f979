// New topics: what customers ask that the desk has no answer to, and what becomes of it: an intent of its own, one that there is, or none.

import { svg } from "lit";
import { define, html, live, nothing, repeat } from "../part.js";
import { shown } from "../keys.js";
import { when } from "../time.js";
import "./drafting.js";
import { choices } from "./choices.js";
import { Deciding, NONE, UNPICKED } from "./deciding.js";
import { Proposed } from "./proposed.js";
import { counted } from "./words.js";

const DAY = 86_400_000; // milliseconds
const BARS = 60; // days that are drawn at most
const date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", timeZone: "UTC" });
const on = (day) => date.format(Date.parse(day));

class Topics extends Deciding {
  view = "topics";
  named = ({ name }) => name;
  back = (count) => `Taken back: ${counted(count, "message", "messages")}.`;

  connectedCallback() {
    super.connectedCallback();
    this.listening = new AbortController();
    this.desk.live.addEventListener("topics", ({ detail }) => this.store.told(detail), { signal: this.listening.signal });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.listening.abort();
  }

  begun() {
    return new Proposed(this.desk.api);
  }

  commands() {
    return {
      said: { one: "topic", label: "intent", some: "an intent" },
      deciding: [
        { id: "review-decide", title: "Give all of it the picked intent", key: "Enter", run: () => this.#give() },
        { id: "review-dismiss", title: "It is no topic, go on", key: "Backspace", run: () => this.#dismiss() },
        { id: "review-new", title: "Make it a new intent", key: "n", run: () => this.#draft() },
        { id: "review-look", title: "Look for new topics now", key: "l", run: () => this.store.looking.running || this.store.seek() },
      ],
    };
  }

  get few() {
    const likely = this.one?.likely ?? [];
    return this.shortened(likely.map(({ intent }) => intent)).map((id) => ({ id, title: this.title(id), score: likely.find((one) => one.intent === id)?.score }));
  }

  title(id) {
    return super.title(id, this.one?.likely);
  }

  get #messages() {
    return this.one.messages.filter((one) => !this.out.has(one));
  }

  async #give() {
    if (!this.one) return;
    const { chosen } = this;
    const messages = this.#messages;
    if (chosen === UNPICKED || !messages.length) {
      this.done = messages.length ? "Pick an intent first, or make a new one." : "No question of it is marked.";
      return;
    }
    const title = this.title(chosen);
    if (await this.store.give(messages, chosen)) this.done = `Labelled \u201c${title}\u201d, ${counted(messages.length, "wording", "wordings")}.`;
  }

  async #dismiss() {
    if (!this.one) return;
    const messages = this.#messages;
    if (messages.length && (await this.store.dismiss(messages))) this.done = "It is no topic.";
  }

  async #draft() {
    if (!this.one) return;
    const examples = this.one.examples.filter((one) => !this.out.has(one.message_id));
    const saved = await this.querySelector("desk-drafting").open({ ...this.one, examples });
    if (!saved) return;
    this.done = `The answer \u201c${saved}\u201d is a draft.`;
    await this.store.load();
  }

  render() {
    return html`<div class="review topics" aria-busy=${String(!this.store.known)}>${this.#aside()}${this.one ? this.#card() : this.#nothing()}</div>
      <desk-drafting .desk=${this.desk}></desk-drafting>`;
  }

  #nothing() {
    const { fault, found, known } = this.store;
    if (!known) return this.coming("new topics");
    const none = found.at
      ? found.note || `In ${counted(found.looked_at, "unanswered question", "unanswered questions")} nothing new is asked often enough, or all of it is decided.`
      : "Nobody has looked for new topics yet.";
    return html`<section class="coming"><h2>${fault ? "The topics could not be read" : "No new topics"}</h2>
      <p role=${fault ? "alert" : nothing}>${fault || none}</p>
      <p class="quiet" role="status">${this.done}</p>
      ${this.trains ? html`<p><button @click=${this.undo}>Undo</button></p>` : nothing}</section>`;
  }

  #aside() {
    const { list, open, at } = this.store;
    return html`<nav class="queue" aria-label="New topics">
      <header><h1>Review</h1><span class="quiet">${this.once(counted(open, "topic", "topics"))}</span></header>
      ${this.once(this.#looked())}
      <ol>${repeat(list, ({ name }) => name, (one, row) => html`<li><button class="item" aria-current=${row === at ? "true" : nothing} @click=${() => this.store.look(row)}>
        <span class="text" dir="auto">${one.title}</span>
        <span class="why">${one.draft ? "A draft waits" : html`asked ${one.asked} times`}</span></button></li>`)}</ol></nav>`;
  }

  #looked() {
    const { looking, found } = this.store;
    const failed = !looking.running && looking.code && !looking.stopped ? looking.said?.at(-1) : "";
    const night = found.failed && !looking.running ? found.failed : null;
    return html`<div class="today">
      ${looking.running
        ? html`<p role="status">Looking since ${when(looking.begun)}, for <bdi>${looking.by}</bdi></p><progress aria-label="Looking for topics"></progress>`
        : html`<p>${found.at ? `Looked at ${counted(found.looked_at, "question", "questions")}, ${when(found.at)}` : "Never looked for"}</p>`}
      ${night ? html`<p class="refusal">The night of ${when(night.at)} could not look: ${night.why}</p>` : nothing}
      ${failed ? html`<p class="refusal" role="alert">${failed}</p>` : nothing}
      ${this.trains
        ? looking.running
          ? html`<button @click=${() => this.store.stop()}>Stop</button>`
          : html`<button @click=${() => this.store.seek()}>Look now <kbd>${shown(this.desk.keys.key("review-look"))}</kbd></button>`
        : nothing}</div>`;
  }

  #card() {
    const { one: topic } = this;
    return html`<section class="ticket" aria-label="Topic">
      <div class="scroll">
        <p class="reason"><span class="why not_understood">Not answered</span> <span class="quiet" dir="auto">${topic.words.join(", ")}</span></p>
        <h2 class="question" tabindex="-1" dir="auto">${topic.title}</h2>
        <p class="quiet facts">Asked ${counted(topic.asked, "time", "times")} in ${counted(topic.wordings, "way", "ways")}, ${topic.first === topic.last ? on(topic.first) : `${on(topic.first)} to ${on(topic.last)}`}</p>
        ${bars(topic.days)}
        ${topic.draft ? html`<p class="drafted">The answer <a href=${`/console/answers/${encodeURIComponent(topic.draft)}`}>${topic.draft}</a> is not live yet. Once it is, these questions can be given to its intent.</p>` : nothing}
        ${choices({
          title: "What is it?",
          note: "Nothing is picked: it may well be new",
          rows: [
            ...this.few.map((one, at) => ({ ...one, key: at + 1 })),
            { id: NONE, key: 0, title: "None of these: the desk has no answer to it" },
          ],
          chosen: this.chosen,
          trains: this.trains,
          desk: this.desk,
          pick: (id) => this.pick(id),
          left: () => this.querySelector(".question").focus(),
        })}
      </div>
      ${this.#actions()}
    </section>
    <aside class="beside" tabindex="0" aria-label="Questions">${this.#questions()}</aside>`;
  }

  #questions() {
    const { examples, wordings } = this.one;
    return html`<h3>${counted(wordings, "wording", "wordings")}, the most typical first</h3>
      <ul class="asked">${repeat(examples, ({ message_id: id }) => id, ({ message_id: id, conversation_id: conversation, text, asked }) => html`<li>
        <label class="check">${this.trains ? html`<input type="checkbox" .checked=${live(!this.out.has(id))} @change=${(event) => this.leave(id, !event.target.checked)}>` : nothing}
          <bdi>${text}</bdi></label>
        <p class="quiet"><a href=${`/console/inbox/${encodeURIComponent(conversation)}`}>Conversation</a>${asked > 1 ? html`<span>${asked} times</span>` : nothing}</p></li>`)}</ul>
      ${wordings > examples.length ? html`<p class="quiet">One decision is about ${examples.length} of them; the others stay.</p>` : nothing}`;
  }

  #actions() {
    const shortcut = (id) => html`<kbd>${shown(this.desk.keys.key(id))}</kbd>`;
    if (!this.trains) return html`<footer class="acts"><p class="quiet">Topics are decided by trainers: ask an admin for that role.</p></footer>`;
    const count = this.#messages.length;
    return html`<footer class="acts">
      <button class="primary" @click=${this.#give}>Label ${count} ${shortcut("review-decide")}</button>
      <button @click=${this.#draft}>New intent ${shortcut("review-new")}</button>
      <button @click=${this.#dismiss}>No topic ${shortcut("review-dismiss")}</button>
      <span class="spring"></span>
      <span class="quiet" role="status">${this.done}</span>
      <button class="plain" @click=${this.undo}>Undo ${shortcut("review-undo")}</button>
    </footer>`;
  }
}
define("desk-topics", Topics);

/** Draw how often it was asked on each day, the latest days where there are many. */
function bars(days) {
  const last = Date.parse(days.at(-1).day);
  const width = Math.min(BARS, Math.max(14, (last - Date.parse(days[0].day)) / DAY + 1));
  const most = Math.max(...days.map(({ asked }) => asked));
  const busiest = days.find(({ asked }) => asked === most);
  const placed = days.map(({ day, asked }) => ({ x: width - 1 - (last - Date.parse(day)) / DAY, height: (asked / most) * 30, day, asked })).filter(({ x }) => x >= 0);
  return html`<svg class="days" viewBox=${`0 0 ${width} 32`} preserveAspectRatio="none" role="img"
    aria-label=${`Asked on ${counted(days.length, "day", "days")}, most on ${on(busiest.day)}: ${most}`}>
    <rect class="all" y="31" width=${width} height="1" />
    ${placed.map(({ x, height }) => svg`<rect x=${x + 0.1} y=${31 - height} width="0.8" height=${height}></rect>`)}</svg>`;
}
