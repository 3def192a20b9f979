// The inbox: the list, the conversation, the visitor's card, and what operators do with them.

import { Part, html, nothing } from "../part.js";
import { LATER, missing, query } from "../api.js";
import { shown } from "../keys.js";
import { laters } from "../time.js";
import "../ask.js";
import "../inbox/assist.js";
import "../inbox/canning.js";
import "../inbox/card.js";
import "../inbox/composer.js";
import "../inbox/list.js";
import "../inbox/saving.js";
import "../inbox/talk.js";
import { Bulk } from "../inbox/bulk.js";
import { see } from "../inbox/drafts.js";
import { Held } from "../inbox/held.js";
import { whom } from "../inbox/colleagues.js";
import { called, path, placed, wanted } from "../inbox/rows.js";

export const tag = "desk-inbox";
export const title = "Inbox";

const TICK = 1000; // milliseconds: waiting times go on by themselves

export class Page extends Part {
  static properties = { desk: {}, route: {}, rows: { state: true }, counts: { state: true }, next: { state: true }, said: { state: true }, found: { state: true }, now: { state: true }, card: { state: true } };

  constructor() {
    super();
    this.rows = [];
    this.counts = {};
    this.next = null;
    this.said = "";
    this.found = [];
    this.now = Date.now();
    this.held = new Held(() => this.requestUpdate());
    this.bulk = new Bulk({ changed: () => this.requestUpdate(), rows: () => this.rows, ask: (asked) => this.#ask(asked), desk: () => this.desk });
  }

  connectedCallback() {
    super.connectedCallback();
    this.listening = new AbortController();
    const { signal } = this.listening;
    const on = (kind, heard) => this.desk.live.addEventListener(kind, ({ detail }) => heard(detail), { signal });
    on("row", ({ row }) => this.#moved(row));
    on("counts", ({ counts }) => (this.counts = counts));
    on("event", ({ event }) => this.held.add(event));
    on("viewing", (frame) => this.held.viewed(frame));
    on("typing", (frame) => this.held.types(frame));
    on("line", (line) => line.on && this.#again());
    this.addEventListener("narrow", ({ detail }) => this.#narrow(detail), { signal });
    this.addEventListener("pick", ({ detail }) => this.bulk.pick(detail), { signal });
    this.addEventListener("canning", () => this.#can(), { signal });
    this.addEventListener("further", () => this.#further(), { signal });
    this.addEventListener("reword-last", () => this.querySelector("desk-talk").rewordLast(), { signal });
    this.addEventListener("reworded-one", () => this.#write("reply"), { signal });
    this.addEventListener("types", ({ detail }) => this.desk.live.typing(this.held.id, detail.on), { signal });
    this.ticking = setInterval(() => (this.now = Date.now()), TICK);
    this.desk.keys.offer(this, this.#commands());
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.listening.abort();
    clearInterval(this.ticking);
    this.desk.keys.withdraw(this);
    this.desk.live.watch(null);
    this.held.open(null);
    this.asked = undefined;
  }

  willUpdate(changed) {
    if (!changed.has("route")) return;
    this.filter = wanted(this.route.query);
    const asked = JSON.stringify(this.filter);
    if (asked !== this.asked) this.listing = this.#list(asked);
    const [id = null] = this.route.rest;
    if (id !== this.held.id) this.#show(id);
  }

  get titles() {
    this.named ??= new Map(this.desk.me.desk.intents.map(({ id, title }) => [id, title]));
    return this.named;
  }

  get row() {
    return this.held.row ?? this.rows.find((row) => row.conversation_id === this.held.id);
  }

  async #list(asked) {
    const again = this.asked === asked;
    if (!again) this.bulk.clear();
    this.asked = asked;
    this.#search(this.filter.q, asked);
    try {
      const page = await this.desk.api.get(path(this.filter));
      let { rows, next } = page;
      while (again && next && rows.length < this.rows.length) {
        const more = await this.desk.api.get(path(this.filter, next)); // as far down as it was shown
        rows = [...rows, ...more.rows];
        next = more.next;
      }
      if (this.asked !== asked) return;
      this.rows = rows;
      this.next = next;
      this.counts = page.counts;
      this.said = missing(page.behind);
      if (this.said) setTimeout(() => this.asked === asked && this.#list(asked), LATER);
    } catch (refusal) {
      if (this.asked !== asked) return;
      this.said = refusal.message;
      if (refusal.passes) setTimeout(() => this.asked === asked && this.#list(asked), LATER);
    }
  }

  /** What was said at any time is found too, below the rows. */
  async #search(q, asked) {
    this.found = [];
    if (!q) return;
    const found = await this.#tried(this.desk.api.get(`/api/v1/search${query({ q, limit: 20 })}`));
    if (found && this.asked === asked) this.found = found.rows;
  }

  async #further() {
    const asked = this.asked;
    const page = await this.#tried(this.desk.api.get(path(this.filter, this.next)));
    if (!page || asked !== this.asked) return;
    const known = new Set(this.rows.map((row) => row.conversation_id));
    this.rows = [...this.rows, ...page.rows.filter((row) => !known.has(row.conversation_id))];
    this.next = page.next;
  }

  async #show(id) {
    this.held.open(id);
    this.desk.live.watch(id);
    if (!id) return;
    try {
      await this.held.load(this.desk.api);
      if (this.held.id !== id) return;
      this.held.row ??= this.rows.find((row) => row.conversation_id === id);
      see(id, this.held.seq);
    } catch (refusal) {
      this.held.failed(refusal.message);
    }
  }

  /** The line is there, or back: what was missed is asked for again, behind what was asked before. */
  async #again() {
    const { listing, asked } = this;
    await listing;
    if (asked === undefined || asked !== this.asked) return;
    this.#list(asked);
    if (this.held.id) this.#show(this.held.id);
  }

  #moved(row) {
    this.rows = placed(this.rows, row, this.filter, this.desk.me.name, this.next !== null);
    if (row.conversation_id !== this.held.id) return;
    this.held.row = row;
    see(row.conversation_id, row.seq);
  }

  #narrow(filter) {
    this.desk.go(`/console/inbox${this.held.id ? `/${encodeURIComponent(this.held.id)}` : ""}${query(filter)}`);
  }

  /** Where the conversation is in the list; where it has left the list, the place that it had. */
  get #at() {
    return this.rows.findIndex((row) => row.conversation_id === this.held.id);
  }

  updated() {
    if (this.#at >= 0) this.place = this.#at;
  }

  #step(by) {
    const at = this.#at;
    const wanted = at >= 0 ? at + by : by > 0 ? (this.place ?? 0) : (this.place ?? this.rows.length) - 1;
    const row = this.rows[Math.min(this.rows.length - 1, Math.max(0, wanted))];
    if (row) this.#open(row.conversation_id);
  }

  #open(id) {
    this.desk.go(`/console/inbox${id ? `/${encodeURIComponent(id)}` : ""}${this.route.query.size ? `?${this.route.query}` : ""}`, { replace: Boolean(this.held.id) });
  }

  async #tried(asked) {
    try {
      return await asked;
    } catch (refusal) {
      this.desk.say(refusal.code === "taken" && refusal.more.owner ? `${refusal.more.owner} has this conversation.` : refusal.message);
      return null;
    }
  }

  #act(what, body) {
    const { id } = this.held;
    return id ? this.#tried(this.desk.api.post(`/api/v1/conversations/${encodeURIComponent(id)}/${what}`, body)) : null;
  }

  #ask(asked) {
    return this.querySelector("desk-ask").open(asked);
  }

  async #take() {
    const owner = this.held.talk?.owner ?? "";
    if (owner === this.desk.me.name) return this.#write("reply");
    if (owner && !(await this.#ask({ title: `${owner} has this conversation`, choices: [[`Take it from ${owner}`, true]] }))) return;
    if (await this.#act("take", owner ? { expects: owner } : {})) this.#write("reply");
  }

  async #resolve() {
    const { id } = this.held;
    if (!(await this.#act("close"))) return;
    const others = this.rows.filter((row) => row.conversation_id !== id);
    const next = others[this.place ?? 0] ?? others.at(-1);
    this.desk.say(next ? "Resolved. Here is the next one." : "Resolved. That was the last one.");
    this.#open(next?.conversation_id ?? "");
  }

  async #snooze() {
    const back = this.row?.snoozed_until ? [["Bring it back now", ""]] : [];
    const until = await this.#ask({ title: "Lay aside until", choices: [...back, ...laters()] });
    if (until !== null && (await this.#act("snooze", { until }))) this.desk.say(until ? "Laid aside. It comes back by itself." : "It is back.");
  }

  async #assign() {
    const { id } = this.held;
    const to = id ? await whom(this.desk, this.rows, (asked) => this.#ask(asked)) : null;
    if (to !== null && (await this.#act("assign", { to }))) this.desk.say(to ? `${to} is asked to take care of it.` : "Nobody in particular is asked.");
  }

  #write(kind) {
    this.querySelector("desk-composer")?.write(kind);
  }

  #send(kind, text, key, files) {
    const to = `/api/v1/conversations/${encodeURIComponent(this.held.id)}`;
    return kind === "note" ? this.desk.api.post(`${to}/notes`, { text }) : this.desk.api.post(`${to}/messages`, { ...(text && { text }), ...(files.length && { files }), client_message_id: key });
  }

  #can() {
    this.querySelector("desk-canning").open();
  }

  #commands() {
    const reading = [
      { id: "next", title: "Next conversation", key: "j", run: () => this.#step(1) },
      { id: "previous", title: "Previous conversation", key: "k", run: () => this.#step(-1) },
      { id: "open", title: "Read the conversation", key: "Enter", run: () => (this.held.id ? this.querySelector(".log")?.focus() : this.#step(1)) },
      { id: "search", title: "Search the inbox", key: "/", run: () => this.querySelector("input[name=q]").focus() },
      ...["waiting", "mine", "bot"].map((state) => ({ id: `show-${state}`, title: `Show ${state}`, run: () => this.desk.go(`/console/inbox?state=${state}`) })),
    ];
    const acting = [
      { id: "take", title: "Take over", key: "t", run: () => this.#take() },
      { id: "reply", title: "Reply", key: "r", run: () => this.#write("reply") },
      { id: "note", title: "Write a note", key: "n", run: () => this.#write("note") },
      { id: "resolve", title: "Resolve and go to the next", key: "e", run: () => this.#resolve() },
      { id: "snooze", title: "Lay aside", key: "s", run: () => this.#snooze() },
      { id: "assign", title: "Assign", key: "a", run: () => this.#assign() },
      { id: "canning", title: "Write or change canned answers", run: () => this.#can() },
      { id: "give-back", title: "Give back to the bot", run: () => this.#act("give-back") },
      { id: "let-go", title: "Let it wait for another person", run: () => this.#act("release") },
    ];
    const several = this.bulk.commands(() => this.held.id);
    return this.desk.may("operator") ? [...reading, ...acting.map((one) => this.bulk.wide(one)), ...several] : reading;
  }

  #button(id, words, primary = false) {
    const { key, run, one = run } = this.desk.keys.commands.find((command) => command.id === id) ?? {};
    if (!run) return nothing;
    return html`<button class=${primary ? "primary" : ""} @click=${one}>${words}${key && !this.desk.keys.off ? html`<kbd aria-hidden="true">${shown(key)}</kbd>` : nothing}</button>`;
  }

  #actions({ state, owner }) {
    if (state === "closed") return nothing;
    const mine = owner === this.desk.me.name;
    return html`<div class="actions">
      ${mine ? this.#button("give-back", "Give back") : this.#button("take", "Take over", !owner)}
      ${this.#button("snooze", "Lay aside")}${this.#button("assign", "Assign")}${this.#button("resolve", "Resolve", mine)}</div>`;
  }

  #conversation() {
    const { id, talk, fault } = this.held;
    if (!id) return html`<section class="middle blank"><p class="quiet">Choose a conversation, or press <kbd>J</kbd>.</p></section>`;
    if (fault) return html`<section class="middle blank"><p role="alert">${fault}</p></section>`;
    if (!talk) return html`<section class="middle blank"></section>`;
    const name = called({ name: talk.name, id: talk.visitor_id ?? id });
    const others = this.held.viewing;
    return html`<section class="middle" aria-label="Conversation">
      <header class="about"><h1><bdi>${name}</bdi></h1>
        ${talk.owner ? html`<span class="badge operator"><bdi>${talk.owner === this.desk.me.name ? "You have it" : `${talk.owner} has it`}</bdi></span>` : html`<span class="badge ${talk.state}">${STATE[talk.state] ?? ""}</span>`}
        ${others.length ? html`<span class="quiet cut" role="status"><bdi>${others.join(", ")}</bdi> ${others.length > 1 ? "look" : "looks"} at this too</span>` : nothing}
        <span class="spring"></span>${this.#actions(talk)}
        <button class="plain about-them" aria-expanded=${String(Boolean(this.card))} @click=${() => (this.card = !this.card)}>Visitor</button></header>
      <desk-talk .events=${talk.events} .name=${name} .titles=${this.titles} .saves=${this.desk.may("trainer")} .me=${this.desk.me.name} .api=${this.desk.api} .changes=${this.desk.may("operator") && Boolean(talk.owner)} .typing=${this.held.typing.map((who) => (who === "customer" ? name : who))}></desk-talk>
      <desk-assist .desk=${this.desk} .talk=${talk}></desk-assist>
      <desk-composer .id=${id} .api=${this.desk.api} .may=${this.desk.may("operator")} .closed=${talk.state === "closed"}
        .held=${talk.owner && talk.owner !== this.desk.me.name ? talk.owner : ""} .send=${(...given) => this.#send(...given)}></desk-composer>
    </section>`;
  }

  render() {
    return html`<div class="inbox ${this.held.id ? "reading" : ""} ${this.card ? "with-card" : ""}">
      <desk-list .rows=${this.rows} .counts=${this.counts} .filter=${this.filter} .selected=${this.held.id} .desk=${this.desk} .more=${this.next} .found=${this.found} .said=${this.said} .now=${this.now} .bulk=${this.desk.may("operator") ? this.bulk : null} .chosen=${this.bulk.ids.join()} .done=${this.bulk.done}></desk-list>
      ${this.#conversation()}
      <aside aria-label="The visitor"><desk-card .row=${this.row} .talk=${this.held.talk} .history=${this.held.history} .titles=${this.titles} .viewing=${this.held.viewing}></desk-card></aside>
      <desk-ask></desk-ask><desk-saving .desk=${this.desk}></desk-saving><desk-canning .desk=${this.desk}></desk-canning></div>`;
  }
}
const STATE = { bot: "Bot", waiting: "Waiting", returned: "Bot again", closed: "Closed" };
