// One Release: how it compares with the champion, intent by intent, and what it takes for what.

import { Part, define, html, nothing } from "../part.js";
import { said } from "../numbers/figures.js";
import { difference, matrix, measured, rule, set, standing } from "./words.js";

const FIGURES = [["accuracy", "Understood"], ["coverage", "Answered"], ["risk", "Wrong among the answers"], ["calibration_error", "Calibration error"]];

class One extends Part {
  static properties = { found: {}, champion: {}, titles: {}, cell: { state: true } };

  willUpdate(changed) {
    if (changed.has("found") && changed.get("found")?.hash !== this.found.hash) this.cell = null;
  }

  #title(intent) {
    return intent ? (this.titles.get(intent) ?? intent) : "Out of scope";
  }

  #figures() {
    const beside = this.champion && this.champion.hash !== this.found.hash ? this.champion.figures : null;
    if (this.found.figures.questions == null) return html`<p class="quiet">This Release has no report.</p>`;
    return html`<dl class="figures">${FIGURES.map(([name, words]) => html`<div><dt>${words}</dt><dd><b>${said(this.found.figures[name], "share")}</b>
        ${beside ? html`<span class="quiet">champion ${said(beside[name], "share")}</span>` : nothing}</dd></div>`)}</dl>
      <p class="quiet">Of ${said(this.found.figures.questions)} of its own examples, each read before it was learned.</p>`;
  }

  #gate() {
    const { night } = this.found;
    if (!night?.checks?.length) return html`<p class="quiet">${night ? night.why : "No night has compared it: it was trained by hand, or is older than the history."}</p>`;
    return html`<div class="wide" tabindex="0" role="region" aria-label="What the gate asked"><table>
      <thead><tr><th scope="col">Rule</th><th scope="col">Asked of</th><th scope="col" class="number">Champion then</th><th scope="col" class="number">This one</th><th scope="col">Difference, and where 95 % of resamples lie</th><th scope="col">Verdict</th></tr></thead>
      <tbody>${night.checks.map((check) => html`<tr title=${check.sentence}><th scope="row"><bdi>${rule(check.name)}</bdi></th><td>${set(check.set)}</td>
        <td class="number">${measured(check.name, check.champion)}</td><td class="number">${measured(check.name, check.challenger)}</td><td>${difference(check)}</td>
        <td class=${check.passed ? "quiet" : "worse"}>${check.passed ? "Passed" : "Refused"}</td></tr>`)}</tbody></table></div>`;
  }

  #confusion() {
    const { confusion } = this.found;
    if (!confusion.length) return html`<p class="quiet">No example was taken for another intent's before it was learned, or none was kept.</p>`;
    const { names, cells, fullest } = matrix(confusion);
    return html`<div class="wide" tabindex="0" role="region" aria-label="What was taken for what"><table class="matrix">
        <thead><tr><td class="corner">Meant, and taken for</td>${names.map((name) => html`<th scope="col"><span><bdi>${this.#title(name)}</bdi></span></th>`)}</tr></thead>
        <tbody>${names.map((truth) => html`<tr><th scope="row"><bdi>${this.#title(truth)}</bdi></th>${names.map((predicted) => this.#cell(truth, predicted, cells.get(`${truth} ${predicted}`), fullest))}</tr>`)}</tbody></table></div>
      ${this.cell ? this.#examples() : html`<p class="quiet">A number opens the examples behind it.</p>`}`;
  }

  #cell(truth, predicted, cell, fullest) {
    if (truth === predicted) return html`<td class="same" aria-label="rightly"></td>`;
    if (!cell) return html`<td></td>`;
    const level = Math.ceil((3 * cell.count) / fullest);
    return html`<td><button class="level-${level}" aria-pressed=${String(cell === this.cell)} @click=${() => (this.cell = cell)}
      aria-label=${`${cell.count} of ${this.#title(truth)} taken for ${this.#title(predicted)}`}>${cell.count}</button></td>`;
  }

  #examples() {
    const { truth, predicted, examples } = this.cell;
    return html`<div class="examples" aria-live="polite"><h3><bdi>${this.#title(truth)}</bdi>, taken for <bdi>${this.#title(predicted)}</bdi></h3>
      <ul>${examples.map(({ text, confidence, answered }) => html`<li><bdi>${text}</bdi> <span class="quiet">${said(confidence, "share")} sure${answered ? ", and answered" : ""}</span></li>`)}</ul></div>`;
  }

  #intents() {
    const rows = this.found.per_intent.toSorted((a, b) => a.f1 - b.f1);
    if (!rows.length) return nothing;
    return html`<details><summary>Intent by intent, the hardest first</summary><div class="wide tall" tabindex="0" role="region" aria-label="Intents"><table>
      <thead><tr><th scope="col">Intent</th><th scope="col" class="number">Examples</th><th scope="col" class="number">Found</th><th scope="col" class="number">Rightly so</th><th scope="col" class="number">F1</th></tr></thead>
      <tbody>${rows.map((row) => html`<tr><th scope="row"><bdi>${this.#title(row.intent)}</bdi></th><td class="number">${said(row.support)}</td><td class="number">${said(row.recall, "share")}</td><td class="number">${said(row.precision, "share")}</td><td class="number">${row.f1.toFixed(2)}</td></tr>`)}</tbody></table></div></details>`;
  }

  render() {
    const { hash, because, regime, examples, intents, templates, passages, promises } = this.found;
    return html`<header><h2><code>${hash}</code></h2><span class="badge ${this.found.champion ? "serving" : ""}">${standing(this.found)}</span>
        <span class="quiet">${regime ? `${regime}, ` : ""}${said(examples)} examples of ${said(intents)} intents, ${said(templates)} answers, ${said(passages)} passages</span></header>
      ${because && !this.found.night?.checks?.some(({ passed }) => !passed) ? html`<p><bdi>${because}</bdi></p>` : nothing}
      ${Object.entries(promises).map(([language, words]) => html`<p class="quiet">${language ? html`<bdi>${language}</bdi>: ` : nothing}${words}</p>`)}
      ${this.#figures()}
      <h3>What the gate asked</h3>${this.#gate()}
      <h3>What was taken for what</h3>${this.#confusion()}
      ${this.#intents()}`;
  }
}
define("desk-release", One);
