// What somebody should look at about an answer, in sentences, with the other answer or the page that it is about.

import { html, nothing } from "../part.js";
import { whole } from "../time.js";
import { differing } from "./versions.js";

const days = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const on = (day) => days.format(Date.parse(day));

const SENTENCES = {
  over: ({ at }) => html`Its last day was ${on(at)}: customers do not get it any more. Give it a later one, or retire it.`,
  ends_soon: ({ at }) => html`Its last day is ${on(at)}. Give it a later one if it holds on; else it ends by itself.`,
  page_changed: ({ other, at }) => html`The page <a href=${`/pages/${encodeURIComponent(other)}`} target="_blank" rel="noreferrer"><bdi>${other}</bdi></a>, which it leads to, changed on ${whole(at)}, after this was written. Read it, and change this answer where it has to; the mark goes with its next live version.`,
  disliked: ({ at, down, thumbs }, _, row) => html`${down} of the ${thumbs} customers with a thumb turned it down since ${on(at)}. <a href=${`/console/inbox?state=all&intent=${encodeURIComponent(row.intent)}`}>See what they asked</a>, and write what helps them.`,
  unused: ({ at }) => html`Nobody got it since ${on(at)}. Try a question that it should answer; if nobody asks for it any more, retire it.`,
  same_case: (_, link) => html`${link} is for the same case: nothing tells which of the two customers get. Give each its own questions, customers or days, or retire one.`,
  same_question: (_, link) => html`${link} names one of its questions, too, under another intent: take it away from one of them.`,
  same_words: (_, link) => html`${link} says nearly the same under another intent. If that is meant, keep both alike; if not, let one say less.`,
  other_figures: (_, link) => html`${link} says nearly the same with other figures. Find out which are right, and save them in the other one.`,
};
const COMPARED = new Set(["same_words", "other_figures"]);

/** Return the panel; `other` gives an answer of the list by its id, `address` leads to it, `holds` says that it is right as it is. */
export function looks(row, other, address, holds) {
  if (!row?.flags.length) return nothing;
  const link = (id) => html`<a href=${address(id)}><bdi>${other(id)?.title || id}</bdi></a>`;
  return html`<section class="panel looks" aria-label="To look at"><ul>${row.flags.map((one) => html`<li><p>${SENTENCES[one.kind]?.(one, link(one.other), row) ?? one.kind}</p>
    ${one.kind === "page_changed" && holds ? html`<button @click=${holds}>It is right as it is</button>` : nothing}
    ${COMPARED.has(one.kind) && other(one.other) ? differing(row.text, other(one.other).text) : nothing}</li>`)}</ul></section>`;
}
