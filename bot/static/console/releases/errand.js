// Work that runs on the server: what it says while it does, and how it ended.

import { html, nothing } from "../part.js";

const ENDED = { 0: "Done.", 3: "Refused by the gate: the champion stays.", 4: "Another run is at it." };

/** Say how far an errand is; nothing where there was none. */
export function errand(kind, one, stop) {
  if (!one?.begun) return nothing;
  const ended = one.running ? "" : one.stopped ? "It was ended; the champion stays." : (ENDED[one.code] ?? "It failed.");
  return html`<section class="panel errand" aria-label=${kind} aria-busy=${String(one.running)}>
    <header><h2>${kind}</h2><span class="quiet">begun by <bdi>${one.by}</bdi></span><span class="spring"></span>
      ${one.running && stop ? html`<button @click=${stop}>Stop</button>` : html`<span role="status">${ended}</span>`}</header>
    ${one.running ? html`<progress aria-label=${kind}></progress>` : nothing}
    ${one.said?.length ? html`<pre tabindex="0" role="log" aria-label=${`What ${kind.toLowerCase()} says`}>${one.said.slice(-8).join("\n")}</pre>` : nothing}</section>`;
}
