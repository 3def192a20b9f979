// The numbers by what conversations are of: one table at a time, sorted as one likes, with its CSV.

import { Part, define, html, nothing } from "../part.js";
import { language, rates, said, share } from "./figures.js";

const FIRST = 12; // rows before one asks for all
export const SPLITS = [["intent", "Intent"], ["answer", "Answer"], ["channel", "Channel"], ["language", "Language"], ["release", "Release"]];
const count = (name, title) => ({ name, title, unit: "count", of: (row) => row[name] });
const COUNTS = [
  count("conversations", "Conversations"),
  count("handed_off", "Handed off"),
  count("confirmed", "Confirmed"),
  count("assumed", "Assumed"),
  count("abandoned", "Abandoned"),
  count("rejected", "Rejected"),
  count("reopened", "Reopened"),
  { name: "containment", title: "Contained", unit: "share", of: (row) => rates(row).containment },
  { name: "unhappiness", title: "Unhappy", unit: "share", of: (row) => rates(row).unhappiness },
  { name: "satisfaction", title: "Satisfaction", unit: "score", of: (row) => row.satisfaction },
];
const ANSWERS = [
  count("given", "Given"),
  count("up", "Thumbs up"),
  count("down", "Thumbs down"),
  { name: "liked", title: "Up, of thumbs", unit: "share", of: (row) => share(row.up, row.up + row.down) },
];

class Tables extends Part {
  static properties = { found: {}, by: {}, desk: {}, address: {}, csv: {}, sort: { state: true }, all: { state: true } };

  constructor() {
    super();
    this.sort = { name: "", up: false };
    this.all = false;
  }

  willUpdate(changed) {
    if (!changed.has("by")) return;
    this.sort = { name: "", up: false };
    this.all = false;
  }

  get #columns() {
    return this.by === "answer" ? ANSWERS : COUNTS;
  }

  /** As the server has them, the most frequent first, or by one column; what has no value comes last. */
  get #rows() {
    const rows = this.found[`by_${this.by}`];
    const column = this.#columns.find(({ name }) => name === this.sort.name);
    if (!column) return rows;
    const way = this.sort.up ? 1 : -1;
    return rows.toSorted((one, other) => {
      const [a, b] = [column.of(one), column.of(other)];
      return a === null || b === null ? (a === null) - (b === null) : way * (a - b);
    });
  }

  #turn(name) {
    this.sort = { name, up: this.sort.name === name && !this.sort.up };
  }

  #named(key) {
    const { intents } = this.desk.me.desk;
    if (!key) return html`<span class="quiet">${{ intent: "No intent", language: "Not known", release: "No Release", answer: "No template" }[this.by] ?? "None"}</span>`;
    if (this.by === "intent") return html`<a href=${`/console/inbox?state=all&intent=${encodeURIComponent(key)}`}><bdi>${intents.find(({ id }) => id === key)?.title || key}</bdi></a>`;
    if (this.by === "answer") return html`<bdi>${key}</bdi>`;
    return html`<a href=${this.address({ [this.by]: key })}><bdi title=${key}>${this.by === "language" ? language(key) : this.by === "release" ? key.slice(0, 12) : key}</bdi></a>`;
  }

  #head() {
    return html`<tr><th scope="col">${SPLITS.find(([by]) => by === this.by)[1]}</th>${this.#columns.map(({ name, title }) => {
      const sorted = this.sort.name === name ? (this.sort.up ? "ascending" : "descending") : nothing;
      return html`<th scope="col" class="number" aria-sort=${sorted}><button class="sort" @click=${() => this.#turn(name)}>${title}</button></th>`;
    })}</tr>`;
  }

  render() {
    const rows = this.#rows;
    const shown = this.all ? rows : rows.slice(0, FIRST);
    return html`<header class="head"><h2>In parts</h2>
        <nav class="states" aria-label="In parts by">${SPLITS.map(([by, title]) => html`<a href=${this.address({ by })} aria-current=${this.by === by ? "true" : nothing}>${title}</a>`)}</nav>
        <span class="spring"></span><a href=${this.csv(`by_${this.by}`)} download>CSV</a></header>
      ${rows.length ? html`<div class="scrolled" tabindex="0" role="region" aria-label=${`The numbers by ${this.by}`}><table>
        <thead>${this.#head()}</thead>
        <tbody>${shown.map((row) => html`<tr><th scope="row">${this.#named(row[this.by])}</th>${this.#columns.map(({ of, unit }) => html`<td class="number">${said(of(row), unit)}</td>`)}</tr>`)}</tbody></table></div>` : html`<p class="none quiet">${this.by === "answer" ? "No answer was given in this period." : "No conversation began in this period."}</p>`}
      ${rows.length > shown.length ? html`<button class="plain" @click=${() => (this.all = true)}>Show all ${rows.length}</button>` : nothing}`;
  }
}
define("desk-tables", Tables);
