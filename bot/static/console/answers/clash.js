// Two people edited one answer: what the other saved and what is written here, side by side, and which of them counts.

import { html } from "../part.js";
import { changes } from "./versions.js";

/** `said` is the server's sentence, `theirs` the answer as it is saved now, `row` what is written here. */
export function clash(said, theirs, row, keepMine, takeTheirs) {
  return html`<section class="clash" aria-label="Saved by two"><p class="refusal" role="alert">${said}</p>
    <div class="halves"><figure><figcaption>Saved by <bdi>${theirs.author || "somebody"}</bdi>, version ${theirs.version}</figcaption><p class="difference" dir="auto">${theirs.template.text}</p></figure>
      <figure><figcaption>Yours, beside it</figcaption>${changes(theirs.template, row)}</figure></div>
    <p class="pair"><button class="primary" @click=${keepMine}>Save mine over it</button><button @click=${takeTheirs}>Take theirs</button></p></section>`;
}
