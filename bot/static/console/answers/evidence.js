// The evidence card of a text that was tried out: what the bot would do, how sure it is, and what that rests on.

import { svg } from "lit";
import { html, nothing } from "../part.js";
import { because } from "../inbox/said.js";
import { nearest } from "../review/beside.js";
import { percent } from "../review/words.js";
import { bubble, buttons } from "./preview.js";

const DOES = { reply: "It answers", clarify: "It asks back", handoff: "It hands over to a person", silent: "It says nothing" };
const SHOWN = 3; // intents, answers and passages

/** `title` gives the title of an intent, `address` leads to an answer; `when` tells one card from another beside it. */
export const evidence = (found, title, address, when) => html`<div class="evidence">${says(found, address, when)}${reading(found, title, address, when)}</div>`;

const named = (words, when) => (when ? `${when}: ${words.toLowerCase()}` : words);

/** Return what the bot would do. */
export const says = (found, address, when) => html`<section aria-label=${named("What it says", when)}>
  <h3>${DOES[found.action] ?? found.action}: ${because(found.reason)}</h3>
  ${found.text ? bubble(found.text) : nothing}${buttons(found.choices.map(({ label }) => label))}
  <p class="quiet">${origin(found, address)}</p></section>`;

/** Return how the text was understood, and what that rests on. */
export function reading({ evidence: card, thresholds }, title, address, when) {
  if (!("confidence" in card)) return html`<section aria-label=${named("Why", when)}><p class="quiet">The words alone say it: no model was asked.</p></section>`;
  return html`<section aria-label=${named("Why", when)}><h3>Understood as</h3><p>${title(card.candidates[0].intent)}</p>${repaired(card)}${sure(card, thresholds)}${taught(card)}${candidates(card, title)}</section>
    <section aria-label=${named("What it rests on", when)}>${nearest(card.neighbours.slice(0, SHOWN), (id) => (id ? title(id) : "Not known"))}${answers(card, address)}${passages(card)}</section>`;
}

const paged = (page) => html`<a href=${`/pages/${encodeURIComponent(page)}`} target="_blank" rel="noreferrer"><bdi>${page}</bdi></a>`;

function origin({ template_id: id, source, release }, address) {
  return html`${id ? html`From the answer <a href=${address(id)}><bdi>${id}</bdi></a>. ` : nothing}${source ? html`From the page ${paged(source)}. ` : nothing}${release ? html`Release <code>${release.slice(0, 8)}</code>` : nothing}`;
}

/** How sure it is, drawn beside the marks from which on it answers and asks back. */
function sure({ confidence }, { answer, clarify }) {
  const mark = (at) => svg`<rect class="mark" x=${Math.min(99.4, at * 100)} y="0" width="0.6" height="8" />`;
  return html`<svg class="sure" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="all" y="2" width="100" height="4" /><rect y="2" width=${confidence * 100} height="4" />${mark(clarify)}${mark(answer)}</svg>
    <p class="quiet"><b>${percent(confidence)}</b> sure. It answers from ${percent(answer)} on, and asks back from ${percent(clarify)} on.</p>`;
}

const repaired = ({ read_as: meant }) => (meant ? html`<p>With its typing errors repaired: <q dir="auto">${meant}</q></p>` : nothing);

const taught = ({ taught: by }) => (by ? html`<p>Settled by what was taught: <q dir="auto">${by.question}</q></p>` : nothing);

const ranked = (rows) => html`<ol class="ranked">${rows.slice(0, SHOWN).map(([words, number]) => html`<li><span class="cut">${words}</span><span class="quiet">${number}</span></li>`)}</ol>`;

const candidates = ({ candidates: all }, title) => html`<h3>Intents, by score</h3>${ranked(all.map((one) => [title(one.intent), one.score.toFixed(2)]))}`;

function answers({ templates: all }, address) {
  if (!all.length) return nothing;
  return html`<h3>Answers that fit, by fit</h3>${ranked(all.map((one) => [html`<a href=${address(one.template_id)}><bdi>${one.template_id}</bdi></a>`, one.fit.toFixed(2)]))}`;
}

/** Passages with a quote are what it may answer with; without one they are only worth a look. */
function passages({ passages: all }) {
  if (!all.length) return nothing;
  return html`<h3>${all.some(({ quote }) => quote) ? "Passages, by fit" : "Pages worth a look, by fit"}</h3>
    <ul class="nearest">${all.slice(0, SHOWN).map(({ page, heading, fit, quote }) => html`<li>${quote ? html`<p dir="auto">${quote}</p>` : nothing}
      <p class="quiet"><span>${paged(page)}${heading ? html`: <bdi>${heading}</bdi>` : nothing}</span><span>${fit.toFixed(2)}</span></p></li>`)}</ul>`;
}
