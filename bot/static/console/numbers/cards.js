// The figures at a glance, and how conversations ended: each with what it means and what it was before.

import { svg } from "lit";
import { html, nothing } from "../part.js";
import { better, changed, said, share } from "./figures.js";

const CARDS = [
  ["conversations", "Conversations"],
  ["containment", "Contained by the bot"],
  ["resolution", "Confirmed resolution"],
  ["abandonment", "Abandonment"],
  ["satisfaction", "Satisfaction, of 5"],
  ["first_response", "First response"],
  ["unanswered", "Without an answer"],
  ["unhappiness", "Unhappy customers"],
];
const CLASSES = [
  ["confirmed", "Confirmed"],
  ["assumed", "Assumed"],
  ["abandoned", "Abandoned"],
  ["rejected", "Rejected"],
  ["handed_off", "Handed off"],
];

const WAY = { 1: "better", 0: "", "-1": "worse" };

/** How a figure changed, in words for those who see no colour too. */
function change(name, figure, span) {
  const words = changed(figure);
  if (figure.value === null) return html`<p class="change quiet">Nothing to take it of yet</p>`;
  if (figure.previous === null) return html`<p class="change quiet">No figure ${span}</p>`;
  if (!figure.previous && figure.value && figure.unit === "count") return html`<p class="change quiet">None ${span}</p>`;
  const way = better(name, figure);
  return html`<p class="change"><bdi class=${WAY[way]}>${words || "\u00b10"}</bdi>${way ? html`<span class="hidden">, ${WAY[way]}</span>` : nothing}
    <span class="quiet">from <bdi>${said(figure.previous, figure.unit)}</bdi> ${span}</span></p>`;
}

export function cards({ figures, definitions }, span, heard) {
  const of = { satisfaction: ["scores", "scores"], unhappiness: ["felt", "conversations with a mood"] };
  const base = (name) => (of[name] && figures[of[name][0]].value ? ` Here: ${said(figures[of[name][0]].value)} ${of[name][1]}.` : "");
  return html`<section class="cards" aria-labelledby="glance"><h2 id="glance" class="hidden">At a glance</h2>
    ${CARDS.filter(([name]) => figures[name]).map(([name, title]) => html`<article data-figure=${name}>
      <h3>${title}</h3>
      <p class="value"><bdi>${said(figures[name].value, figures[name].unit)}</bdi></p>
      ${change(name, figures[name], span)}
      <p class="meaning">${definitions[name]}${base(name)}${name === "unhappiness" && heard ? ` ${heard}` : ""}</p>
    </article>`)}</section>`;
}

/** How what is over ended, as one bar and as the table of it; every conversation is in exactly one class. */
export function endings({ figures, definitions }, csv) {
  const over = figures.ended.value;
  let from = 0;
  const parts = CLASSES.map(([name]) => ({ name, wide: over ? (100 * figures[name].value) / over : 0 })).map((part) => ({ ...part, from: (from += part.wide) - part.wide }));
  return html`<section class="panel endings" aria-labelledby="ended">
    <header class="head"><h2 id="ended">How they ended</h2><span class="quiet plain-words">${said(over)} of ${said(figures.conversations.value)} conversations are over</span>
      <span class="spring"></span><a href=${csv("figures")} download>CSV</a></header>
    ${over ? html`<svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">${parts.map(({ name, wide, from: x }) => svgPart(name, x, wide))}</svg>` : nothing}
    <div class="scrolled" tabindex="0" role="region" aria-label="How conversations ended"><table>
      <thead><tr><th scope="col">Class</th><th scope="col" class="number">Conversations</th><th scope="col" class="number">Of those over</th><th scope="col" class="number">Before</th><th scope="col" class="number">Change</th><th scope="col" class="meaning">What it means</th></tr></thead>
      <tbody>${[...CLASSES, ["reopened", "Reopened, beside its class"]].map(([name, title]) => ending(name, title, figures[name], over, definitions[name]))}</tbody>
    </table></div></section>`;
}

function ending(name, title, figure, over, meaning) {
  return html`<tr><th scope="row"><span class="dot of-${name}"></span>${title}</th><td class="number">${said(figure.value)}</td><td class="number">${said(share(figure.value, over), "share")}</td>
    <td class="number">${said(figure.previous)}</td><td class="number"><bdi class=${WAY[better(name, figure)]}>${changed(figure) || "\u2013"}</bdi></td><td class="meaning">${meaning}</td></tr>`;
}

/** A stretch of the bar: rectangles of an SVG, since a strict policy lets no page write styles into its markup. */
const svgPart = (name, x, wide) => svg`<rect class=${`of-${name}`} x=${x} y="0" width=${wide} height="4"></rect>`;
