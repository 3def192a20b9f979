// The visitor's card: who they are, where they are, and what they asked before.

import { Part, define, html, nothing } from "../part.js";
import { when, whole } from "../time.js";
import { because } from "./said.js";
import { called, isUnhappy } from "./rows.js";

const STATE = { bot: "With the bot", waiting: "Waiting for a person", operator: "With a person", returned: "With the bot again", closed: "Closed" };

/** Return what the bot has been told for each slot of its forms: `[form, slots]`, the last state of each. */
function collected(events) {
  const forms = new Map();
  for (const { forms: states } of events.filter(({ kind }) => kind === "decided")) for (const state of states ?? []) if (state.filled.length) forms.set(state.form, state.filled);
  return [...forms];
}
const plain = (name) => name.replaceAll("_", " ");

class Card extends Part {
  static properties = { row: {}, talk: {}, history: {}, titles: {}, viewing: {} };

  #fact(words, value) {
    return value ? html`<div><dt>${words}</dt><dd>${value}</dd></div>` : nothing;
  }

  #page({ page }) {
    return page?.url ? html`<bdi class="cut" title=${page.url}>${page.title || page.url}</bdi>` : nothing;
  }

  render() {
    const { row, talk } = this;
    if (!row || !talk) return nothing;
    const notes = talk.events.filter(({ kind }) => kind === "noted");
    const score = talk.events.findLast(({ kind }) => kind === "scored");
    const earlier = (this.history ?? []).filter((one) => one.conversation_id !== row.conversation_id);
    return html`<section><h2><bdi>${called(row.visitor)}</bdi></h2>
      <dl>
        ${this.#fact("Channel", row.visitor.channel)}
        ${this.#fact("Language", row.language)}
        ${this.#fact("Looking at", talk.page?.url ? this.#page(talk) : "")}
        ${this.#fact("Mood", isUnhappy(row) ? "Unhappy" : "")}
        ${this.#fact("Score", score ? `${score.score} of 5` : "")}
      </dl></section>
      <section><h3>This conversation</h3>
      <dl>
        ${this.#fact("State", STATE[talk.state])}
        ${this.#fact("Owner", talk.owner ? html`<bdi>${talk.owner}</bdi>` : "")}
        ${this.#fact("Asked to care", talk.assigned ? html`<bdi>${talk.assigned}</bdi>` : "")}
        ${this.#fact("Why a person", talk.handoff_reason ? because(talk.handoff_reason) : "")}
        ${this.#fact("About", row.intent ? html`<bdi>${this.titles.get(row.intent) ?? row.intent}</bdi>` : "")}
        ${this.#fact("Laid aside until", row.snoozed_until ? whole(row.snoozed_until) : "")}
        ${this.#fact("Also here", this.viewing?.length ? html`<bdi>${this.viewing.join(", ")}</bdi>` : "")}
      </dl></section>
      ${collected(talk.events).map(([form, filled]) => html`<section><h3>What the bot asked for: <bdi>${plain(form)}</bdi></h3>
        <dl>${filled.map(({ slot, value }) => this.#fact(plain(slot), value ? html`<bdi dir="auto">${value}</bdi>` : "nothing to say"))}</dl></section>`)}
      ${notes.length ? html`<section><h3>Notes</h3><ul class="notes">${notes.map((note) => html`<li><p dir="auto">${note.text}</p><p class="quiet"><bdi>${note.operator}</bdi> <time>${when(note.at)}</time></p></li>`)}</ul></section>` : nothing}
      <section><h3>Before</h3>
      ${earlier.length
        ? html`<ul class="before">${earlier.map((one) => html`<li><a href=${`/console/inbox/${encodeURIComponent(one.conversation_id)}?state=all`}>
            <span class="cut" dir="auto">${this.titles.get(one.intent) ?? (one.intent || one.last_text)}</span><span class="quiet">${when(one.last_at)}</span></a></li>`)}</ul>`
        : html`<p class="quiet">This is their first conversation.</p>`}
      </section>`;
  }
}
define("desk-card", Card);
