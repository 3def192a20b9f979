// The dialog in which a topic becomes an intent of its own: what it is called, what is answered, and to which questions, as a draft.

import { Part, define, html } from "../part.js";

const QUESTIONS = 20; // of one answer; the server's limit

class Drafting extends Part {
  static properties = { desk: {}, topic: { state: true }, said: { state: true } };

  constructor() {
    super();
    this.topic = null;
    this.said = "";
  }

  /** Ask; gives the id of the draft, and null where none was saved. */
  async open(topic) {
    this.topic = topic;
    this.said = "";
    await this.updateComplete;
    this.querySelector("form").reset();
    const dialog = this.querySelector("dialog");
    dialog.showModal();
    this.querySelector("textarea").focus();
    return new Promise((resolve) => {
      this.answered = (id) => {
        this.answered = () => {};
        dialog.close();
        resolve(id);
      };
    });
  }

  async #save(event) {
    event.preventDefault();
    const { name, title, text, questions } = Object.fromEntries(new FormData(event.target));
    const asked = questions.split("\n").map((line) => line.trim()).filter(Boolean);
    const template = { intent: name.trim(), title: title.trim(), text, questions: asked.slice(0, QUESTIONS) };
    try {
      await this.desk.api.put(`/api/v1/templates/${encodeURIComponent(template.intent)}`, { version: 0, template });
      this.answered(template.intent);
    } catch (refusal) {
      this.said = refusal.message;
    }
  }

  render() {
    const { name = "", title = "", examples = [] } = this.topic ?? {};
    const texts = examples.slice(0, QUESTIONS).map(({ text }) => text.replaceAll(/\s+/g, " "));
    return html`<dialog class="sheet drafting" aria-labelledby="drafting-title" closedby="any" @close=${({ target }) => target.open || this.answered?.(null)}>
      <header><h2 id="drafting-title">A new intent</h2><button class="plain" @click=${() => this.answered(null)}>Cancel</button></header>
      <form @submit=${this.#save}>
        <label>Title, as customers read it <input name="title" required maxlength="200" autocomplete="off" dir="auto" .defaultValue=${title}></label>
        <label>Name <input name="name" required maxlength="200" autocomplete="off" .defaultValue=${name}></label>
        <label>Answer <textarea name="text" required rows="4" dir="auto"></textarea></label>
        <label>Questions, one a line, ${QUESTIONS} at most <textarea name="questions" required rows="6" dir="auto" .defaultValue=${texts.join("\n")}></textarea></label>
        <p class="quiet">Customers wrote these: take out what names a person, and what asks for something else. Nobody is answered before the draft is live.</p>
        <p class="refusal" role="alert">${this.said}</p>
        <p class="foot"><button class="primary">Save as a draft</button></p>
      </form></dialog>`;
  }
}
define("desk-drafting", Drafting);
