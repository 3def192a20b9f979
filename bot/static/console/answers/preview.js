// How an answer looks on the web and on Telegram, side by side, as the server renders it.

import { html, nothing } from "../part.js";
import { runs } from "./words.js";

const named = ({ channel, language }) => [channel && `for ${channel}`, language && `in ${language}`].filter(Boolean).join(", ") || "For everybody";

/** Return a text as the web shows it. */
export const bubble = (text) => html`<div class="bubble">${runs(text).map((paragraph) => html`<p dir="auto">${paragraph.map(([piece, bold]) => (bold ? html`<b>${piece}</b>` : piece))}</p>`)}</div>`;

/** Return buttons that are only looked at. */
export const buttons = (labels) => (labels.length ? html`<ul class="buttons" aria-label="Buttons">${labels.map((label) => html`<li><bdi>${label}</bdi></li>`)}</ul>` : nothing);

const files = (names) => (names.length ? html`<p class="quiet">With ${names.map((name, at) => html`${at ? ", " : ""}<bdi>${name}</bdi>`)}</p>` : nothing);

function one(preview) {
  const under = html`${buttons(preview.quick_replies)}${files(preview.attachments)}`;
  return html`<section aria-label=${named(preview)}><h3>${named(preview)}</h3><div class="sides">
      ${preview.web ? html`<figure><figcaption>Web</figcaption>${bubble(preview.web)}${under}</figure>` : nothing}
      ${preview.telegram.length ? html`<figure><figcaption>Telegram <span class="quiet">${preview.telegram.map(({ length, most }) => `${length} of ${most}`).join(", ")}</span></figcaption>
        ${preview.telegram.map(({ text }) => html`<div class="bubble telegram">${text.split("\n").map((line) => html`<p dir="auto">${line}</p>`)}</div>`)}${under}</figure>` : nothing}</div>
    ${preview.bare ? html`<details><summary>Where nothing is known of the customer</summary>${bubble(preview.bare)}</details>` : nothing}</section>`;
}

/** Show them, or the sentence that says what has to be mended first. */
export const previews = (shown, fault) => html`<div class="previews" aria-live="polite">${fault ? html`<p class="refusal" role="alert">${fault}</p>` : (shown ?? []).map(one)}</div>`;
