// Assist: what the conversation was about, and up to three replies that an operator may take into what they write. It sends nothing.

import { Part, define, html, nothing, repeat } from "../part.js";
import { shown } from "../keys.js";
import { styled } from "../styles.js";
import { when } from "../time.js";
import { draft, keep } from "./drafts.js";
import { next, put } from "./putting.js";

await styled(new URL("./assist.css", import.meta.url));

const FOLDED = "frontdesk-assist-folded";
const FROM = { template: "Answer", page: "Page" };
const PART = { wants: "Wants", tried: "Tried", open: "Open" };
const WHO = { customer: "Customer", bot: "Bot" };
const NOTHING = { about: null, suggestions: [], summary: [] };

class Assist extends Part {
  static properties = { desk: {}, talk: {}, found: { state: true }, folded: { state: true }, told: { state: true }, fault: { state: true } };

  constructor() {
    super();
    this.found = NOTHING;
    this.folded = sessionStorage.getItem(FOLDED) !== null;
    this.told = false;
    this.fault = "";
  }

  connectedCallback() {
    super.connectedCallback();
    this.desk.keys.offer(this, this.#commands());
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.desk.keys.withdraw(this);
  }

  #commands() {
    if (!this.desk.may("operator")) return [];
    const places = [1, 2, 3].map((n) => ({ id: `assist-${n}`, title: `Take suggestion ${n} into the reply`, key: `${n}`, run: () => this.#use(n - 1) }));
    const others = [
      { id: "assist-next", title: "Take the next suggestion into the reply", key: "Mod+/", run: () => this.#use(next(this.#written, this.used, this.#offered.length)) },
      { id: "assist-fold", title: "Show or hide suggested replies", run: () => this.#fold() },
      { id: "assist-summary", title: "Show or hide the summary", key: "m", run: () => (this.told = !this.told) },
    ];
    return [...places, ...others, ...(this.desk.may("trainer") ? [{ id: "assist-save", title: "Save as answer", run: () => this.#save() }] : [])];
  }

  willUpdate(changed) {
    if (!changed.has("talk")) return;
    const { conversation_id: id, events } = this.talk;
    const said = events.findLast(({ kind }) => kind === "heard")?.seq ?? 0;
    const wrote = events.findLast(({ kind }) => kind === "operatorwrote")?.seq ?? 0;
    if (id !== this.id_) Object.assign(this, { id_: id, found: NOTHING, used: null, told: false });
    this.answered = wrote > said;
    const asked = this.#isTheirs ? `${id} ${said} ${wrote}` : "";
    if (asked === this.asked) return;
    this.asked = asked;
    if (asked) this.#ask(asked, id);
  }

  /** A person has the conversation, or is waited for; and where somebody has it, it is whoever looks. */
  get #isTheirs() {
    const { state, owner } = this.talk;
    return this.desk.may("operator") && (state === "waiting" || (state === "operator" && (!owner || owner === this.desk.me.name)));
  }

  async #ask(asked, id) {
    try {
      const found = await this.desk.api.get(`/api/v1/conversations/${encodeURIComponent(id)}/assist`);
      if (asked !== this.asked) return;
      this.found = found;
      this.fault = "";
    } catch (refusal) {
      if (asked === this.asked) this.fault = refusal.message;
    }
  }

  get #offered() {
    return this.answered || this.folded ? [] : this.found.suggestions;
  }

  get #written() {
    return draft(this.id_, "reply");
  }

  /** Take a suggestion into the reply; -1 takes it out again. */
  async #use(at) {
    const one = this.#offered[at];
    if (!one && at >= 0) return;
    const { own, written, from, to } = one ? put(this.#written, one.text, this.used, one.gaps) : { ...this.used, written: this.used.own, from: this.used.own.length, to: this.used.own.length };
    this.used = one ? { at, own, written } : null;
    keep(this.id_, "reply", written);
    const composer = this.parentElement.querySelector("desk-composer");
    composer.requestUpdate();
    composer.write("reply");
    await composer.updateComplete;
    composer.querySelector("textarea")?.setSelectionRange(from, to);
  }

  #fold() {
    this.folded = !this.folded;
    if (this.folded) sessionStorage.setItem(FOLDED, "");
    else sessionStorage.removeItem(FOLDED);
  }

  /** What is being written, or else what was written last. */
  #save() {
    const text = this.#written.trim();
    const wrote = this.talk.events.findLast(({ kind }) => kind === "operatorwrote");
    if (text || wrote) this.tell("save-answer", { id: this.id_, ...(text ? { text } : { message_id: wrote.message_id }) });
    else this.desk.say("Write an answer first, then save it.");
  }

  render() {
    if (!this.talk || !this.asked) return nothing;
    const { about, summary } = this.found;
    const offered = this.#offered;
    return html`<section class="assist" aria-label="Assist">
      <header>
        <button class="plain fold" aria-expanded=${String(!this.folded)} @click=${() => this.#fold()}>Assist</button>
        <span class="quiet cut" role="status">${this.#status(about, offered)}</span><span class="spring"></span>
        ${summary.length ? html`<button class="plain" aria-expanded=${String(this.told)} @click=${() => (this.told = !this.told)}>Summary${this.#key("assist-summary")}</button>` : nothing}
        ${this.desk.may("trainer") ? html`<button class="plain" @click=${() => this.#save()}>Save as answer</button>` : nothing}
      </header>
      ${this.told && summary.length ? this.#summary(summary) : nothing}
      ${offered.length ? html`<ul class="replies" aria-label="Suggested replies">${repeat(offered, (one) => one.text, (one, at) => this.#card(one, at))}</ul>` : nothing}
    </section>`;
  }

  #status(about, offered) {
    if (this.fault) return this.fault;
    if (this.folded) return nothing;
    if (this.answered) return "Answered. Suggestions come with the customer\u2019s next words";
    if (!about) return nothing;
    return offered.length ? html`To <q dir="auto">${about.text}</q>` : "Nothing like this was answered before";
  }

  #key(id) {
    const key = this.desk.keys.off ? "" : this.desk.keys.key(id);
    return key ? html`<kbd aria-hidden="true">${shown(key)}</kbd>` : nothing;
  }

  #summary(lines) {
    return html`<ol class="summary" aria-label="Summary">${lines.map((line) => html`<li class=${line.part}>
      <span class="part">${PART[line.part]}</span><q dir="auto">${line.text}</q> <bdi class="quiet">${line.who || WHO[line.by]}</bdi></li>`)}</ol>`;
  }

  #card(one, at) {
    const share = `${Math.round(one.likely * 100)} %`;
    return html`<li class="offered">
      <button class="take" aria-label=${`Take suggestion ${at + 1} into the reply: ${one.text}`} @click=${() => this.#use(at)}><span class="text" dir="auto">${one.text}</span></button>
      <p class="from">${this.#key(`assist-${at + 1}`)}<span class="share" title="How likely this answers the question">${share}</span>
        ${this.#source(one)}</p></li>`;
  }

  #source(one) {
    const { precedent, sources, title } = one;
    if (precedent) {
      const times = precedent.times > 1 ? `, ${precedent.times} times` : "";
      return html`<a class="cut" href=${`/console/inbox/${encodeURIComponent(precedent.conversation_id)}?state=all`} title=${`To \u201c${title}\u201d`}><bdi>${precedent.operator}</bdi>, ${when(precedent.at)}${times}</a>`;
    }
    if (one.origin === "page" && sources.length) return html`<a class="cut" href=${sources[0].url} target="_blank" rel="noreferrer">${FROM.page}: <bdi>${title}</bdi></a>`;
    return html`<span class="cut quiet" title=${one.template_id}>${FROM[one.origin]}: <bdi>${title}</bdi></span>`;
  }
}
define("desk-assist", Assist);
