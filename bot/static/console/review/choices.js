// The labels to choose from: a digit or a click picks one, and any other is found by its title.

import { html, live, nothing } from "../part.js";
import { shown } from "../keys.js";
import "../intents.js";
import { percent } from "./words.js";

export const DIGITS = 9;

/**
 * Return the field. `rows` are {id, key, title, by, score}; `chosen` is the id that is picked, `pick` takes another one, `left` is
 * called when the search is over.
 */
export function choices({ title, note, rows, chosen, trains, desk, pick, left }) {
  const found = (id) => {
    pick(id);
    left();
  };
  return html`<fieldset class="choices"><legend>${title} <span class="quiet">${note}</span></legend>
    ${rows.map((one) => row(one, chosen, trains, pick))}
    ${trains ? html`<desk-intents .intents=${desk.me.desk.intents} label="Another label"
      hint=${`Another label, by its title (${shown(desk.keys.key("review-search"))})`}
      @picked=${(event) => found(event.detail)} @left=${left}></desk-intents>` : nothing}
  </fieldset>`;
}

function row({ id, key, title, by, score }, chosen, trains, pick) {
  return html`<label class="choice">
    <input type="radio" name="intent" ?disabled=${!trains} .checked=${live(chosen === id)} @change=${() => pick(id)}>
    <kbd>${key}</kbd><span class="title">${title}</span>
    <span class="quiet">${by}</span>
    ${score === undefined ? html`<span></span><span></span>` : html`<svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
      <rect class="all" width="100" height="4" /><rect width=${Math.max(1, score * 100)} height="4" /></svg>
      <span class="score">${percent(score)}</span>`}</label>`;
}
