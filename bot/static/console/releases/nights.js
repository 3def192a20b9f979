// The nights: what each made of the held-out questions as a chart with its table, and how each ended.

import { html, nothing } from "../part.js";
import { said } from "../numbers/figures.js";
import { whole } from "../time.js";
import { outcome } from "./words.js";

const understood = ({ checks }) => checks?.find(({ set, name }) => set === "frozen" && name === "understood");
const LINES = [
  { title: "Champion", of: (row) => row.champion },
  { title: "Challenger", of: (row) => row.challenger },
];

/** Show them, the latest first; the chart needs two that asked something. */
export function nights(all, open) {
  const drawn = all.filter(understood).map((night) => ({ at: night.at.slice(0, 16), champion: understood(night).champion, challenger: understood(night).challenger }));
  if (!all.length) return html`<p class="quiet">No night yet. <code>frontdesk retrain</code> learns what operators labelled and customers confirmed; begin one above.</p>`;
  return html`${drawn.length > 1 ? html`<p class="quiet">Held-out questions that were understood</p><desk-chart .rows=${drawn} .lines=${LINES} .unit=${"count"} .step=${"day"} .title=${"Held-out questions understood by night"}></desk-chart>` : nothing}
    <div class="wide tall" tabindex="0" role="region" aria-label="How the nights ended"><table>
      <thead><tr><th scope="col">When</th><th scope="col">Outcome</th><th scope="col">Release</th><th scope="col" class="number">Lessons</th><th scope="col" class="number">Seconds</th><th scope="col">Why</th></tr></thead>
      <tbody>${all.toReversed().map((night) => html`<tr><th scope="row"><time datetime=${night.at}>${whole(night.at)}</time></th>
        <td class=${["refused", "failed"].includes(night.outcome) ? "worse" : ""}>${outcome(night)}</td>
        <td>${night.challenger ? html`<button class="plain" @click=${() => open(night.challenger)}><code>${night.challenger.slice(0, 8)}</code></button>` : nothing}</td>
        <td class="number">${said(night.counts?.lessons)}</td><td class="number">${said(Math.round(night.seconds))}</td><td class="why" title=${night.why}><bdi>${night.why}</bdi></td></tr>`)}</tbody></table></div>`;
}
