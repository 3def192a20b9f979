// What customers would be told otherwise: the answers that change, the most asked first.

import { html, nothing } from "../part.js";
import { said } from "../numbers/figures.js";
import { shifts } from "./words.js";

const SHOWN = 30; // changes

export function diff({ about = "", running, code, result = {} }) {
  if (running || code !== 0 || !result.changes) return nothing;
  const [before, after] = about.split(" ");
  return html`<section class="panel" aria-labelledby="changes"><header><h2 id="changes">What would change</h2>
      <span class="quiet"><code>${before?.slice(0, 8)}</code> to <code>${after?.slice(0, 8)}</code>: ${said(result.asked)} questions in ${said(result.wordings)} wordings; ${shifts(result)}</span></header>
    ${result.changes.length ? html`<ul class="changes">${result.changes.slice(0, SHOWN).map((one) => html`<li><b class="number">${said(one.times)}</b>
        <p><bdi class="was">${one.before}</bdi> <span aria-hidden="true">\u2192</span><span class="hidden"> becomes </span> <bdi class="now">${one.after}</bdi></p>
        <p class="quiet">${one.examples.map(({ text }, at) => html`${at ? ", " : ""}<q dir="auto">${text}</q>`)}</p></li>`)}</ul>`
      : html`<p class="quiet">Nothing that was asked so far would be answered otherwise.</p>`}</section>`;
}
