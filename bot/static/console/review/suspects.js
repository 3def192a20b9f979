// Labels that are probably wrong: what stands under which label, what is more likely, and one key or two to say which is right.

import { define, html, nothing, repeat } from "../part.js";
import { shown } from "../keys.js";
import { nearest } from "./beside.js";
import { choices } from "./choices.js";
import { Deciding, NONE, UNPICKED } from "./deciding.js";
import { Suspected, key } from "./suspected.js";
import { ago, counted, percent } from "./words.js";

class Suspects extends Deciding {
  view = "suspects";
  named = key;
  back = () => "Taken back.";

  begun() {
    return new Suspected(this.desk.api);
  }

  commands() {
    return {
      said: { one: "text", label: "label", some: "a label" },
      deciding: [
        { id: "review-decide", title: "Give the picked label and go on", key: "Enter", run: () => this.#decide(this.chosen) },
        { id: "review-dismiss", title: "Right as it is, go on", key: "Backspace", run: () => this.one && this.#decide(this.one.intent) },
      ],
    };
  }

  /** The label that it has, what is more likely, and what examples nearby have. */
  get few() {
    if (!this.one) return [];
    const { intent, proposed, nearest, given, probability } = this.one;
    const few = this.shortened([intent, proposed, ...nearest.map((one) => one.intent)]);
    return few.map((id) => ({ id, title: this.title(id), score: { [intent]: given, [proposed]: probability }[id] }));
  }

  #decide(meant) {
    if (!this.one) return;
    if (meant === UNPICKED) {
      this.done = "Pick a label first, or say that it is right.";
      return;
    }
    const right = meant === this.one.intent;
    if (!right && !this.one.correctable) {
      this.done = `It can only be changed in ${this.one.place}.`;
      return;
    }
    this.done = right ? "Right as it is." : `Labelled \u201c${this.title(meant)}\u201d.`;
    this.store.decide(meant);
  }

  render() {
    return html`<div class="review" aria-busy=${String(!this.store.known)}>${this.#aside()}
      ${this.one ? html`${this.#card()}<aside class="beside" tabindex="0" aria-label="Evidence">${nearest(this.one.nearest, (id) => this.title(id))}</aside>` : this.#nothing()}</div>`;
  }

  #nothing() {
    const { fault, asked, known } = this.store;
    if (!known) return this.coming("labels in doubt");
    const none = asked
      ? "Each training looks for labels that other examples speak against. Where it finds some, they come here."
      : "The Release that serves was made before labels were looked at. The next retrain looks.";
    return html`<section class="coming"><h2>${fault ? "The list could not be read" : "No label is in doubt"}</h2>
      <p role=${fault ? "alert" : nothing}>${fault || none}</p>
      <p class="quiet" role="status">${this.done}</p>
      <p><button @click=${() => this.store.load()}>Look again</button></p></section>`;
  }

  #aside() {
    const { list, open, at } = this.store;
    return html`<nav class="queue" aria-label="Labels in doubt">
      <header><h1>Review</h1><span class="quiet">${this.once(`${open} in doubt`)}</span></header>
      <ol>${repeat(list, key, (one, row) => html`<li><button class="item" aria-current=${row === at ? "true" : nothing} @click=${() => this.store.look(row)}>
        <span class="text" dir="auto">${one.text}</span>
        <span class="why">${this.title(one.intent)}</span></button></li>`)}</ol></nav>`;
  }

  #card() {
    const { one } = this;
    return html`<section class="ticket" aria-label="Text">
      <div class="scroll">
        <p class="reason"><span class="why complaint">Probably wrong</span> <span class="quiet">Taught with other texts, the bot gives this label ${percent(one.given)}.</span></p>
        <h2 class="question" tabindex="-1" dir="auto">${one.text}</h2>
        ${this.#stands()}
        ${choices({
          title: "What does it mean?",
          note: `More likely: ${this.title(one.proposed)}, ${percent(one.probability)}`,
          rows: [
            ...this.few.map((choice, at) => ({ ...choice, key: at + 1, by: choice.id === one.intent ? "as it is" : "" })),
            { id: NONE, key: 0, title: "None of these: the desk has no answer to it", by: one.intent === NONE ? "as it is" : "" },
          ],
          chosen: this.chosen,
          trains: this.trains,
          desk: this.desk,
          pick: (id) => this.pick(id),
          left: () => this.querySelector(".question").focus(),
        })}
      </div>
      ${this.#actions()}
    </section>`;
  }

  #stands() {
    const { place, labels, correctable } = this.one;
    if (!labels.length) return html`<p class="quiet facts">It stood in ${place} when this Release was made${correctable ? nothing : "; it is changed there"}.</p>`;
    const [first] = labels;
    const more = labels.length > 1 ? `, and ${counted(labels.length - 1, "more like it", "more like it")}` : "";
    return html`<p class="quiet facts">Labelled by <bdi>${first.operator}</bdi> ${ago(first.at)}${more}
      \u00b7 <a href=${`/console/inbox/${encodeURIComponent(first.conversation_id)}`}>Conversation</a></p>`;
  }

  #actions() {
    const shortcut = (id) => html`<kbd>${shown(this.desk.keys.key(id))}</kbd>`;
    if (!this.trains) return html`<footer class="acts"><p class="quiet">Labels are given by trainers: ask an admin for that role.</p></footer>`;
    return html`<footer class="acts">
      <button class="primary" @click=${() => this.#decide(this.chosen)}>Label ${shortcut("review-decide")}</button>
      <button @click=${() => this.#decide(this.one.intent)}>Right as it is ${shortcut("review-dismiss")}</button>
      <span class="spring"></span>
      <span class="quiet" role="status">${this.done}</span>
      <button class="plain" @click=${this.undo}>Undo ${shortcut("review-undo")}</button>
    </footer>`;
  }
}
define("desk-suspects", Suspects);
