// What speaks for a label: the trained examples nearest to a question, what the bot made of it, what customers did about that.

import { html, nothing } from "../part.js";
import { action, percent, signal } from "./words.js";

/** Return the evidence of a ticket; `title` gives the title of an intent. What the bot made of a sample is left out. */
export function beside(ticket, title) {
  return html`<aside class="beside" tabindex="0" aria-label="Evidence">
    ${nearest(ticket.nearest, title)}
    ${ticket.why === "audit" ? nothing : answered(ticket.answered, title)}
    ${heard(ticket.evidence, title)}
  </aside>`;
}

/** Return the trained examples nearest to a text. */
export function nearest(examples, title) {
  return html`<h3>Nearest examples</h3>
    ${examples.length
      ? html`<ul class="nearest">${examples.map(({ text, intent, similarity }) => html`<li>
          <p dir="auto">${text}</p><p class="quiet"><span>${title(intent)}</span><span>${percent(similarity)} alike</span></p></li>`)}</ul>`
      : html`<p class="quiet">No example comes near.</p>`}`;
}

function answered({ action: kind, intent, text }, title) {
  return html`<h3>${action(kind)}</h3>
    ${intent ? html`<p class="quiet">${title(intent)}</p>` : nothing}
    ${text ? html`<blockquote dir="auto">${text}</blockquote>` : nothing}`;
}

function heard(evidence, title) {
  if (!evidence.length) return nothing;
  return html`<h3>What customers did</h3>
    <ul class="heard">${evidence.map((one) => html`<li class=${one.against ? "against" : ""}>
      <p>${signal(one.signal)}${one.intent ? html` <span class="quiet">${one.against ? "not" : ""} ${title(one.intent)}</span>` : nothing}</p>
      ${one.words ? html`<p class="quiet" dir="auto">\u201c${one.words}\u201d</p>` : nothing}</li>`)}</ul>`;
}
