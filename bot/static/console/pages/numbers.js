// The numbers: how many conversations there were and how they went, what rises, and what nobody could answer.

import { Part, html, live, nothing } from "../part.js";
import { LATER, missing } from "../api.js";
import { FILTERS, SPANS, STEPS, addressed, path, request, wanted } from "../numbers/asked.js";
import { cards, endings } from "../numbers/cards.js";
import { language, rates, said } from "../numbers/figures.js";
import { moods, rightly } from "../numbers/moods.js";
import { SPLITS } from "../numbers/tables.js";
import { styled } from "../styles.js";
import "../numbers/alerts.js";
import "../numbers/chart.js";

await styled(new URL("../numbers/numbers.css", import.meta.url));

export const tag = "desk-numbers";
export const title = "Numbers";

const count = (name, words) => ({ title: words, of: (row) => row[name] });
const ending = (name, words) => ({ ...count(name, words), tone: `of-${name}` }); // in the colours of its class
const rate = (name, words) => ({ title: words, of: (row) => rates(row)[name] });
const SHOWN = {
  volume: { title: "Volume", unit: "count", lines: [count("conversations", "Conversations"), count("handed_off", "Handed off"), count("reopened", "Reopened")] },
  endings: { title: "Endings", unit: "count", lines: [ending("confirmed", "Confirmed"), ending("assumed", "Assumed"), ending("abandoned", "Abandoned"), ending("rejected", "Rejected")] },
  rates: { title: "Rates", unit: "share", lines: [rate("containment", "Contained"), rate("resolution", "Confirmed"), rate("abandonment", "Abandoned")] },
  mood: { title: "Mood", unit: "share", lines: [rate("unhappiness", "Unhappy customers")] },
  satisfaction: { title: "Satisfaction", unit: "score", lines: [count("satisfaction", "Satisfaction, of 5")] },
};
const ANY = { channel: "Any channel", language: "Any language", release: "Any Release" };
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

export class Page extends Part {
  static properties = { desk: {}, route: {}, found: { state: true }, languages: { state: true }, fault: { state: true }, asking: { state: true } };

  constructor() {
    super();
    this.found = null;
    this.fault = "";
    this.asking = false;
    this.known = Object.fromEntries(FILTERS.map((name) => [name, new Set()]));
  }

  connectedCallback() {
    super.connectedCallback();
    this.desk.keys.offer(this, this.#commands());
    this.#hear();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.desk.keys.withdraw(this);
    this.sought = undefined;
  }

  willUpdate(changed) {
    if (!changed.has("route")) return;
    this.asked = wanted(this.route.query);
    if (path(this.asked) !== this.sought) this.#ask();
  }

  async #ask() {
    const sought = path(this.asked);
    this.sought = sought;
    this.asking = true;
    try {
      const found = await this.desk.api.get(sought);
      if (sought !== this.sought) return;
      for (const name of FILTERS) for (const row of found[`by_${name}`]) if (row[name]) this.known[name].add(row[name]);
      this.found = { ...found, asked: this.asked };
      this.fault = missing(found.behind);
      if (this.fault) setTimeout(() => sought === this.sought && this.#ask(), LATER);
    } catch (refusal) {
      if (sought !== this.sought) return;
      this.fault = refusal.message;
      if (refusal.passes) setTimeout(() => sought === this.sought && this.#ask(), LATER);
    }
    if (sought === this.sought) this.asking = false;
  }

  async #hear() {
    const heard = await this.desk.api.get("/api/v1/mood").catch((refusal) => this.desk.say(refusal.message));
    this.languages = heard?.languages ?? null;
  }

  #commands() {
    return [
      ...SPANS.map((days, place) => ({ id: `numbers-${days}`, title: `Numbers of ${days} days`, key: String(place + 1), run: () => this.#narrow({ days: String(days), from: "", to: "" }) })),
      { id: "numbers-again", title: "Count again", key: "r", run: () => this.#ask() },
      { id: "numbers-all", title: "Numbers of the whole desk, without filters", run: () => this.#narrow({ channel: "", language: "", release: "" }) },
    ];
  }

  #address(changed) {
    return addressed({ ...this.asked, ...changed });
  }

  #narrow(changed) {
    this.desk.go(this.#address(changed));
  }

  get #csv() {
    return (table) => `/api/v1/numbers.csv${request(this.asked, { table })}`;
  }

  #choice(name, label, options) {
    return html`<select aria-label=${label} .value=${live(this.asked[name])} @change=${(event) => this.#narrow({ [name]: event.target.value })}>
      ${options.map(([value, words]) => html`<option value=${value} ?selected=${this.asked[name] === value}>${words}</option>`)}</select>`;
  }

  #filter(name) {
    const named = name === "language" ? language : name === "release" ? (hash) => hash.slice(0, 12) : (one) => one;
    const values = new Set([...(name === "channel" ? this.desk.me.desk.channels : []), ...this.known[name], this.asked[name]].filter(Boolean));
    return this.#choice(name, { channel: "Channel", language: "Language", release: "Release" }[name], [["", ANY[name]], ...[...values].sort().map((value) => [value, named(value)])]);
  }

  #own(event) {
    const { from, to } = Object.fromEntries(new FormData(event.currentTarget));
    if (from && to && from <= to) this.#narrow({ days: "", from, to });
  }

  /** The days that are counted, as the server counted them. */
  get #span() {
    const { asked, period } = this.found ?? {};
    return asked ? { days: period.days, from: period.from, to: period.to } : { days: 0, from: "", to: "" };
  }

  #head() {
    const { days, from, to } = this.#span;
    const shown = from ? html`<bdi>${day.formatRange(new Date(from), new Date(to))}</bdi>, beside ${days === 1 ? "the day" : `the ${days} days`} before` : nothing;
    return html`<header class="asked">
      <h1>Numbers</h1>
      <nav class="spans" aria-label="Period">${SPANS.map((one) => html`<a href=${this.#address({ days: String(one), from: "", to: "" })} aria-current=${this.asked.days === String(one) ? "true" : nothing}>${one} days</a>`)}</nav>
      <form class="own" @change=${this.#own} @submit=${(event) => event.preventDefault()}>
        <label><span class="hidden">First day</span><input type="date" name="from" .value=${live(from)} max=${to}></label>
        <label><span class="hidden">Last day</span><input type="date" name="to" .value=${live(to)} min=${from}></label></form>
      <span class="spring"></span>
      <div class="filters">${FILTERS.map((name) => this.#filter(name))}</div>
      <p class="quiet plain-words" role="status">${shown}${this.found?.behind ? ` \u00b7 ${said(this.found.behind)} events are not counted yet` : nothing}</p>
    </header>`;
  }

  #series() {
    const show = SHOWN[this.asked.show] ? this.asked.show : "volume";
    const { title: words, unit, lines } = SHOWN[show];
    return html`<section class="panel" aria-labelledby="series">
      <header class="head"><h2 id="series">Over time</h2>
        <nav class="states" aria-label="What is drawn">${Object.entries(SHOWN).map(([name, one]) => html`<a href=${this.#address({ show: name })} aria-current=${name === show ? "true" : nothing}>${one.title}</a>`)}</nav>
        <span class="spring"></span>${this.#choice("step", "Step", STEPS)}</header>
      <desk-chart .rows=${this.found.series} .lines=${lines} .unit=${unit} .step=${this.found.asked.step} .title=${words} .csv=${this.#csv("series")}></desk-chart>
    </section>`;
  }

  #unanswered() {
    const { unanswered } = this.found;
    return html`<section class="panel" aria-labelledby="lost">
      <header class="head"><h2 id="lost">Asked and not answered</h2><span class="spring"></span><a href=${this.#csv("unanswered")} download>CSV</a></header>
      ${unanswered.length ? html`<ol class="lost">${unanswered.map(({ text, count: times, examples }) => html`<li>
        <b class="number">${said(times)}</b><span class="text"><bdi>${text}</bdi></span>
        <span class="examples">${examples.map(({ conversation_id, text: words }, place) => html`<a href=${`/console/inbox/${encodeURIComponent(conversation_id)}?state=all`} title=${words}><span class="hidden">Conversation with \u201c${words}\u201d, </span>${place + 1}</a>`)}</span></li>`)}</ol>`
        : html`<p class="none quiet">Every question of this period found an answer or a person.</p>`}
    </section>`;
  }

  #empty() {
    const narrowed = FILTERS.some((name) => this.asked[name]);
    return html`<section class="panel empty"><h2>No conversation began in this period</h2>
      <p class="quiet">${narrowed ? html`The filters may be too narrow: <a href=${this.#address({ channel: "", language: "", release: "" })}>look at the whole desk</a>.` : html`Numbers come with the first conversation. Write one in the widget, at <a href="/" target="_blank" rel="noopener">the address of this server</a>, or look at other days.`}</p></section>`;
  }

  #body() {
    if (!this.found) return nothing;
    const { conversations } = this.found.figures;
    const { days } = this.#span;
    if (!conversations.value && !conversations.previous) return this.#empty();
    return html`${cards(this.found, days === 1 ? "the day before" : `in the ${days} days before`, this.languages && rightly(this.languages))}
      ${this.#series()}${endings(this.found, this.#csv)}
      <section class="panel"><desk-tables .found=${this.found} .by=${SPLITS.some(([by]) => by === this.asked.by) ? this.asked.by : "intent"} .desk=${this.desk} .address=${(changed) => this.#address(changed)} .csv=${this.#csv}></desk-tables></section>
      ${this.#unanswered()}`;
  }

  render() {
    return html`<div class="numbers" aria-busy=${String(this.asking)}>
      ${this.#head()}${this.fault ? html`<p class="refusal" role="alert">${this.fault}</p>` : nothing}
      <desk-alerts .desk=${this.desk}></desk-alerts>
      ${this.#body()}
      ${this.languages ? moods(this.languages) : nothing}
    </div>`;
  }
}
