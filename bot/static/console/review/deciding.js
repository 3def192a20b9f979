// What the views of the review share: one of a list is in focus, a key or two say what becomes of it, and the last decision is taken back.

import { Part, html, nothing } from "../part.js";
import { DIGITS } from "./choices.js";

export const NONE = ""; // the label of what the desk has no answer to
export const UNPICKED = null;

/**
 * A view of one list: `store` has it, `one` is what is in focus, `chosen` the label that is picked for it, and `out` are the messages that the
 * decision leaves out. A view says which `store` it has (`begun`), what it is called (`view`), what tells one from another (`named`), what it does
 * (`commands`), which labels a digit picks (`few`), and what it says once something is taken back (`back`).
 */
export class Deciding extends Part {
  static properties = { desk: {}, chosen: { state: true }, out: { state: true }, done: { state: true } };

  constructor() {
    super();
    this.chosen = UNPICKED;
    this.out = new Set();
    this.done = "";
  }

  connectedCallback() {
    super.connectedCallback();
    this.store ??= this.#followed(this.begun());
    this.desk.keys.offer(this, this.#commands());
    this.store.load();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.desk.keys.withdraw(this);
  }

  #followed(store) {
    store.addEventListener("change", () => this.#turned());
    store.addEventListener("refused", ({ detail }) => this.desk.say(detail));
    return store;
  }

  #turned() {
    const now = this.store.current;
    if ((now && this.named(now)) !== (this.one && this.named(this.one))) this.begin(now);
    this.one = now;
    this.tell("counted", { [this.view]: this.store.open });
    this.requestUpdate();
  }

  /** Another one comes into focus. */
  begin() {
    this.chosen = UNPICKED;
    this.out = new Set();
  }

  get trains() {
    return this.desk.may("trainer");
  }

  /** The keys of everybody and of trainers; `said` has the words for what is looked at and for what is picked. */
  #commands() {
    const { said, looking = [], deciding } = this.commands();
    const anybody = [
      { id: "review-next", title: `Look at the next ${said.one}`, key: "j", run: () => this.store.look(this.store.at + 1) },
      { id: "review-previous", title: `Look at the ${said.one} before`, key: "k", run: () => this.store.look(this.store.at - 1) },
      ...looking,
    ];
    if (!this.trains) return anybody;
    const digits = Array.from({ length: DIGITS }, (_, at) => (
      { id: `review-${at + 1}`, title: `Pick ${said.label} ${at + 1}`, key: String(at + 1), run: () => this.pick(this.few[at]?.id) }));
    return [
      ...deciding,
      { id: "review-undo", title: "Take back my last decision", key: "u", run: () => this.undo() },
      { id: "review-search", title: `Find ${said.some} by its title`, key: "/", run: () => this.querySelector("desk-intents")?.focus() },
      { id: "review-none", title: "Pick \u201cNone of these\u201d", key: "0", run: () => this.pick(NONE) },
      ...anybody,
      ...digits,
    ];
  }

  /** As many labels as digits pick, in an order if one is given; what is picked is among them. */
  shortened(labels, order) {
    const few = [...new Set(labels)].filter(Boolean).slice(0, DIGITS);
    if (order) few.sort(order);
    if (this.chosen && !few.includes(this.chosen)) few.splice(Math.min(few.length, DIGITS - 1), 1, this.chosen);
    return few;
  }

  /** What a label is called; `known` are those that came with the one in focus. */
  title(id, known = []) {
    if (!id) return "None of these";
    return [...known, ...this.desk.me.desk.intents.map((one) => ({ intent: one.id, title: one.title }))].find((one) => one.intent === id)?.title ?? id;
  }

  /** What the server says, once it has. */
  once(said) {
    return this.store.known ? said : nothing;
  }

  /** What stands in the place of the one in focus before the server has answered. */
  coming(what) {
    return html`<section class="coming"><p role="status">The ${what} are on their way.</p></section>`;
  }

  pick(id) {
    if (id !== undefined && this.one) this.chosen = id;
  }

  /** Leave a message out of the decision, or take it in again. */
  leave(id, out) {
    const changed = new Set(this.out);
    if (out) changed.add(id);
    else changed.delete(id);
    this.out = changed;
  }

  async undo() {
    try {
      const count = await this.store.undo();
      this.done = count ? this.back(count) : "You have no decision to take back.";
    } catch (refusal) {
      this.desk.say(refusal.message);
    }
  }

  updated() {
    const now = this.one && this.named(this.one);
    if (now === this.seen) return;
    this.seen = now;
    this.querySelector(".queue [aria-current]")?.scrollIntoView({ block: "nearest" });
    const here = document.activeElement;
    if (here === document.body || here.id === "main" || here.closest(".views") || this.contains(here)) this.querySelector(".question")?.focus();
  }
}
