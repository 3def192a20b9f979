// How often a mood is heard rightly, by language: what figures of moods are worth.

import { html } from "../part.js";
import { language, said } from "./figures.js";

const called = (tag) => (tag === "other" ? "others together" : language(tag));

/** One sentence for under a figure of moods. */
export const rightly = (languages) => `Heard rightly: ${Object.entries(languages).map(([tag, { accuracy }]) => `${called(tag)} ${said(accuracy, "share")}`).join(", ")}.`;

export function moods(languages) {
  return html`<section class="panel moods" aria-labelledby="moods"><h2 id="moods">How rightly moods are heard</h2><table>
    <caption>Of messages that were not learned from, and that sound bad, good or neither. In a language that is not here no mood is heard.</caption>
    <thead><tr><th scope="col">Language</th><th scope="col" class="number">Right</th><th scope="col" class="number">95 % interval</th><th scope="col" class="number">Messages</th></tr></thead>
    <tbody>${Object.entries(languages).map(([tag, { accuracy, low, high, n }]) => html`<tr><th scope="row">${called(tag)}</th>
      <td class="number">${said(accuracy, "share")}</td><td class="number"><bdi>${said(low, "share")} to ${said(high, "share")}</bdi></td><td class="number">${said(n)}</td></tr>`)}</tbody></table></section>`;
}
