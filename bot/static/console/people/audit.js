// The audit log: who changed what, the latest first, by person and by words.

import { Part, define, html, live, nothing, repeat } from "../part.js";
import { query } from "../api.js";
import { hour, when, whole } from "../time.js";
import { change, via } from "./words.js";

const PAGE = 50; // lines

class Audit extends Part {
  static properties = { desk: {}, filter: {}, names: {}, version: {}, lines: { state: true }, more: { state: true }, said: { state: true } };

  constructor() {
    super();
    this.lines = null;
    this.names = [];
    this.more = false;
    this.said = "";
  }

  willUpdate(changed) {
    const asked = JSON.stringify([this.filter, this.version]);
    if (!this.desk || asked === this.asked) return;
    this.asked = asked;
    this.#load(asked);
  }

  async #load(asked, before = "") {
    try {
      const { lines } = await this.desk.api.get(`/api/v1/audit${query({ ...this.filter, before, limit: PAGE })}`);
      if (asked !== this.asked) return;
      this.lines = before ? [...this.lines, ...lines] : lines;
      this.more = lines.length === PAGE;
      this.said = "";
    } catch (refusal) {
      this.said = refusal.message;
    }
  }

  #narrow(changed) {
    this.tell("narrow", { ...this.filter, ...changed });
  }

  #line(line) {
    return html`<tr><td class="at"><time datetime=${line.at} title=${whole(line.at)}>${when(line.at)}${when(line.at) === hour(line.at) ? nothing : html` <span class="quiet">${hour(line.at)}</span>`}</time></td>
      <th scope="row"><bdi>${line.who || "Somebody"}</bdi> <span class="quiet">${via(line.via)}</span></th>
      <td>${line.what}</td><td><bdi class="cut">${line.subject}</bdi></td><td class="quiet"><bdi>${change(line)}</bdi></td></tr>`;
  }

  #none() {
    if (this.said) return html`<p class="refusal" role="alert">${this.said}</p>`;
    return this.lines && !this.lines.length ? html`<p class="quiet">${this.filter.q || this.filter.who ? "No line is like that. Take a filter off." : "Nobody has changed anything yet."}</p>` : nothing;
  }

  render() {
    if (!this.desk) return nothing;
    const { who, q } = this.filter;
    return html`<header><h2 id="audit-title">Audit log</h2>
        <select aria-label="Who" .value=${live(who)} @change=${(event) => this.#narrow({ who: event.target.value })}>
          <option value="">Anybody</option>${[...new Set([...this.names, ...(who ? [who] : [])])].map((name) => html`<option value=${name} ?selected=${name === who}>${name}</option>`)}</select>
        <input type="search" name="q" aria-label="Search the audit log" placeholder="Search" .value=${q} @change=${(event) => this.#narrow({ q: event.target.value.trim() })}></header>
      ${this.lines?.length
        ? html`<div class="wide" tabindex="0" role="region" aria-labelledby="audit-title"><table><thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">What</th><th scope="col">Of what</th><th scope="col">Change</th></tr></thead>
            <tbody>${repeat(this.lines, ({ seq }) => seq, (line) => this.#line(line))}</tbody></table></div>`
        : nothing}
      ${this.#none()}
      ${this.more ? html`<button @click=${() => this.#load(this.asked, this.lines.at(-1).seq)}>Show more</button>` : nothing}`;
  }
}
define("desk-audit", Audit);
