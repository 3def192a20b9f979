// What a document would change, passage by passage, and what is in its way.

import { html, nothing } from "../part.js";
import { difference } from "../answers/words.js";
import { tally } from "./words.js";

const MARKS = { "-1": (text) => html`<del>${text}</del>`, 0: (text) => text, 1: (text) => html`<ins>${text}</ins>` };

const heading = (one) => (one.heading ? html`<h3><bdi>${one.heading}</bdi></h3>` : nothing);
const whole = (one, kind) => html`<li><span class="badge ${kind === "gone" ? "low" : "operator"}">${kind === "gone" ? "Gone" : "New"}</span>${heading(one)}<p class="passage" dir="auto">${one.text}</p></li>`;
const differing = (one) => html`<li><span class="badge waiting">Changed</span>${heading(one)}<p class="passage" dir="auto">${difference(one.before, one.text).map(([kind, text]) => MARKS[kind](text))}</p></li>`;

export const summary = (plan) => html`${tally(plan).map(([count, word], at) => html`${at ? ", " : ""}<b>${count.toLocaleString()}</b> ${word}`)}`;

/** The passages that change; those that say what they said are only counted. */
export const changed = (plan) => html`<ol class="changes">${plan.changed.map(differing)}${plan.new.map((one) => whole(one, "new"))}${plan.gone.map((one) => whole(one, "gone"))}</ol>`;

/** Passages that nearly say what another page says: two answers to one question, sooner or later. */
export function alike({ alike: found }) {
  if (!found.length) return nothing;
  return html`<details class="alike"><summary>${found.length === 1 ? "One passage nearly says" : `${found.length} passages nearly say`} what another page says</summary>
    <ul>${found.map((one) => html`<li class="beside"><p class="passage" dir="auto">${one.text}</p>
      <div><a href=${`/console/knowledge/${encodeURIComponent(one.page)}`}><bdi>${one.page_title}</bdi></a><p class="passage" dir="auto">${one.says}</p></div></li>`)}</ul></details>`;
}
