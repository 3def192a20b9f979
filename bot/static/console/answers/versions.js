// The versions of an answer, the latest first: who saved each and when, what it changed, and back to it in one click.

import { html, nothing } from "../part.js";
import { whole } from "../time.js";
import { alsoChanged, difference, state, wordings } from "./words.js";

const MARKS = { "-1": (text) => html`<del>${text}</del>`, 0: (text) => text, 1: (text) => html`<ins>${text}</ins>` };

/** Return two texts as one, what goes and what comes marked word by word. */
export const differing = (before, after) => html`<p class="difference" dir="auto">${difference(before, after).map(([kind, text]) => MARKS[kind](text))}</p>`;

/** Return what an answer says otherwise than before, wording by wording. */
export function changes(before, after) {
  const [was, is] = [before, after].map((one) => new Map(wordings(one)));
  const moved = [...new Set([...is.keys(), ...was.keys()])].filter((name) => was.get(name) !== is.get(name));
  const more = alsoChanged(before, after);
  return html`${moved.map((name) => html`${name ? html`<p class="quiet">For ${name}</p>` : nothing}${differing(was.get(name) ?? "", is.get(name) ?? "")}`)}
    ${more.length ? html`<p class="quiet">${moved.length ? "Also changed" : "Changed"}: ${more.join(", ")}</p>` : nothing}
    ${moved.length || more.length ? nothing : html`<p class="quiet">What it says is the same.</p>`}`;
}

export function versions(all, live, restore) {
  return html`<ol class="versions">${all.map((one, at) => html`<li>
    <header><b>${one.version ? `Version ${one.version}` : "As trained"}</b> <span class="badge">${state(one)}</span>${one.version === live ? html`<span class="badge serving">Given now</span>` : nothing}
      <span class="quiet">${one.operator ? html`<bdi>${one.operator}</bdi>` : nothing} ${one.at ? html`<time datetime=${one.at}>${whole(one.at)}</time>` : nothing}</span><span class="spring"></span>
      ${restore && at < all.length - 1 ? html`<button @click=${() => restore(one)} aria-label=${`Go back to ${one.version ? `version ${one.version}` : "what was trained"}`}>Go back to it</button>` : nothing}</header>
    ${at ? changes(all[at - 1].template, one.template) : html`<p class="quiet">The first one.</p>`}</li>`).toReversed()}</ol>`;
}
