/** The panel: header, messages, composer; it turns what the visitor does into the session's calls and back. */

import { h, icon } from "./dom.js";
import { Messages, SAYS } from "./messages.js";
import { Session } from "./session.js";
import { Store } from "./store.js";
import { STYLE } from "./style.js";
import { WORDS } from "./words.js";

const MAX_TEXT = 4096; // code points; the server's limit
const HUMAN = "human"; // the choice that asks for a person, as in conversations/events.py
const SOON = 700; // ms; a connection that takes less is not worth a word
const TROUBLE = 7_000; // ms that a sentence about a passing trouble stays

export class Panel {
  #does;
  #withPerson = false;
  #unread = 0;
  #trouble = "";
  #troubleTimer = null;
  #state = "idle";
  #slowTimer = null;

  constructor(host, does) {
    this.#does = does;
    host.shadowRoot.adoptedStyleSheets.push(style());
    this.messages = new Messages({
      choose: ({ label, value }) => (value.startsWith(SAYS) ? this.say(value.slice(SAYS.length)) : this.say(label, value)), // a quick reply is said like any words
      rate: (id, value) => this.#rate(id, value),
      again: (id) => this.#session.again(id),
      edit: (id, text) => this.#edit(id, text),
    });
    this.#build(host.getAttribute("name") || WORDS.chat);
    this.messages.greet(host.getAttribute("greeting") || "");
    host.shadowRoot.append(this.element);
    const store = new Store(does.server);
    this.#session = new Session(does.server, store, this.#ears());
    const waiting = store.pending();
    for (const message of waiting) this.messages.pend(message, false);
    if (waiting.length) this.#session.connect();
  }

  #session;

  show(focus) {
    this.element.hidden = false;
    this.#unread = 0;
    this.#does.unread(0);
    this.#session.connect();
    this.messages.toEnd();
    // on a phone the keyboard would cover the greeting: the dialog itself takes the focus there
    if (focus) (matchMedia("(pointer: coarse)").matches ? this.element : this.input).focus();
  }

  hide() {
    this.element.hidden = true;
  }

  draft(text) {
    this.input.value = text;
    this.#grow();
    this.input.focus();
  }

  say(text, choice = null) {
    const over = [...text].length - MAX_TEXT;
    if (over > 0) return this.#tell(WORDS.tooLong(over));
    this.messages.pend(this.#session.say(text, choice));
    if (!this.#session.online) this.messages.markAll(WORDS.waiting);
    return undefined;
  }

  destroy() {
    this.#session.destroy();
    clearTimeout(this.#slowTimer);
    clearTimeout(this.#troubleTimer);
    this.element.remove();
  }

  #build(name) {
    this.name = h("h2", { id: "name", dir: "auto" }, name);
    this.status = h("p", { class: "status", role: "status" });
    this.input = h("textarea", {
      rows: "1", dir: "auto", enterkeyhint: "send", autocomplete: "off", "aria-label": WORDS.write, placeholder: WORDS.write,
      oninput: () => this.#grow(), onkeydown: (event) => this.#key(event),
    });
    this.sendButton = h("button", { class: "send", type: "button", "aria-label": WORDS.send, disabled: true, onclick: () => this.#submit() }, icon("send"));
    this.human = h("button", { class: "human", type: "button", onclick: () => this.say(WORDS.human, HUMAN) }, icon("person"), WORDS.human);
    this.element = h("section", { class: "panel", role: "dialog", "aria-labelledby": "name", tabindex: "-1", hidden: true, onkeydown: (event) => this.#escape(event) },
      h("div", { class: "head" },
        h("span", { class: "mark" }, icon("bell")),
        h("div", { class: "title" }, this.name, h("p", {}, WORDS.promise)),
        h("button", { class: "close", type: "button", "aria-label": WORDS.close, onclick: () => this.#does.close() }, icon("close"))),
      this.messages.element,
      h("div", { class: "foot" },
        this.status,
        h("div", { class: "composer", onclick: () => this.input.focus() }, this.input, this.sendButton),
        this.human),
    );
  }

  #ears() {
    return {
      state: (state) => this.#became(state),
      welcome: (frame) => this.#welcome(frame),
      events: (frames, isHistory) => this.#events(frames, isHistory),
      rated: (frame) => this.messages.rated(frame),
      typing: (on) => this.messages.typing(on),
      sent: (id) => this.messages.sent(id),
      failed: (id, sentence, again) => this.messages.failed(id, sentence, again),
      trouble: (sentence) => this.#tell(sentence),
      reset: () => this.messages.clear(),
    };
  }

  #welcome({ desk, with_person: withPerson }) {
    this.name.textContent = desk.name;
    this.messages.greet(desk.greeting);
    this.#withPerson = withPerson;
    this.messages.markAll(WORDS.pending);
    this.#speak();
  }

  #events(frames, isHistory) {
    if (frames.some((frame) => frame.kind !== "customer")) this.messages.typing(false);
    this.messages.add(frames, isHistory);
    for (const frame of frames) this.#follow(frame);
    if (isHistory || !this.element.hidden) return;
    this.#unread += frames.filter((frame) => frame.kind !== "customer").length;
    this.#does.unread(this.#unread);
  }

  #follow({ kind, action }) {
    if (kind === "customer") return;
    this.#withPerson = kind === "operator" || (kind === "bot" && action === "handoff");
    this.#speak();
  }

  #became(state) {
    this.#state = state;
    clearTimeout(this.#slowTimer);
    if (state === "offline") this.messages.markAll(WORDS.waiting);
    if (state === "connecting") this.#slowTimer = setTimeout(() => this.#speak(WORDS.connecting), SOON);
    else this.#speak();
  }

  #tell(sentence) {
    this.#trouble = sentence;
    clearTimeout(this.#troubleTimer);
    this.#troubleTimer = setTimeout(() => this.#tell(""), TROUBLE);
    this.#speak();
  }

  /** The one quiet line: the worst thing first, nothing when all is well. */
  #speak(words = "") {
    const down = this.#state === "offline" ? (navigator.onLine ? WORDS.lost : WORDS.offline) : "";
    const now = this.#trouble || down || words || (this.#withPerson ? WORDS.person : "");
    if (this.status.textContent !== now) this.status.textContent = now;
    this.status.classList.toggle("down", Boolean(down || this.#trouble));
    this.human.hidden = this.#withPerson;
  }

  #rate(id, value) {
    if (this.#session.rate(id, value)) this.messages.rated({ message_id: id, value });
    else this.#tell(WORDS.notRated);
  }

  #edit(id, text) {
    this.#session.forget(id);
    this.draft(text);
  }

  #submit() {
    const text = this.input.value.trim();
    if (!text) return;
    if ([...text].length <= MAX_TEXT) this.draft("");
    this.say(text);
  }

  #key(event) {
    // Enter that ends a composition (Chinese, Japanese, ...) belongs to the input method; 229 is Safari's word for it
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.#submit();
  }

  #escape(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    event.stopPropagation();
    this.#does.close();
  }

  #grow() {
    this.sendButton.disabled = !this.input.value.trim();
    this.input.style.blockSize = "auto";
    this.input.style.blockSize = `${Math.min(this.input.scrollHeight, 132)}px`;
  }
}

function style() {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  return sheet;
}
