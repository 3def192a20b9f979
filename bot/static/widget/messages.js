/** The list of messages: one node per message, announced once, history in one piece. */

import { h, icon } from "./dom.js";
import { link, markdown } from "./markdown.js";
import { WORDS } from "./words.js";

export const SAYS = "say:"; // what a quick reply's value begins with, as in conversations/events.py
const KEEP = 400; // messages in the list; older ones are a reload away
const PAUSE = 20 * 60_000; // ms of silence after which the time is worth a line
const GLANCE = 250; // ms; an answer that comes sooner needs no dots
const NEAR = 90; // px from the end that still count as reading along

function clock(at) {
  const sameDay = at.toDateString() === new Date().toDateString();
  const day = sameDay ? {} : { weekday: "short", day: "numeric", month: "short" };
  return new Intl.DateTimeFormat(document.documentElement.lang || [], { ...day, hour: "2-digit", minute: "2-digit" }).format(at);
}

/** What comes with an answer, a link each; a file of the desk is on the server that the widget is from. */
function attached({ attachments }) {
  const links = (attachments ?? []).map(({ name, url }) => link(name, new URL(url, import.meta.url).href));
  return links.length ? h("ul", { class: "attached" }, ...links.map((one) => h("li", {}, one))) : null;
}

export class Messages {
  #does; // choose(choice), rate(id, value), again(id), edit(id, text)
  #mine = new Map(); // client message id -> node
  #rateable = new Map(); // message id -> the two thumbs
  #typingSoon = null;
  #last = 0; // time of the latest message
  #greeting = h("div", { class: "message bot", hidden: true });
  #log = h("div", { class: "log", role: "log", "aria-label": WORDS.messages });
  #typing = h("div", { class: "typing", "aria-hidden": "true", hidden: true }, h("i"), h("i"), h("i"));
  #jump = h("button", { class: "jump", type: "button", "aria-label": WORDS.newest, hidden: true, onclick: () => this.toEnd() }, icon("below"));

  constructor(does) {
    this.#does = does;
    this.scroll = h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": WORDS.messages }, this.#greeting, this.#log, this.#typing);
    this.element = h("div", { class: "list" }, this.scroll, this.#jump);
    this.scroll.addEventListener("scroll", () => this.#near() && (this.#jump.hidden = true), { passive: true });
    // the keyboard of a phone, or a growing composer, must not push the newest message out of sight
    let stuck = true;
    this.scroll.addEventListener("scroll", () => (stuck = this.#near()), { passive: true });
    new ResizeObserver(() => stuck && this.toEnd()).observe(this.scroll);
  }

  greet(text) {
    this.#greeting.hidden = !text;
    this.#greeting.replaceChildren(h("div", { class: "bubble", dir: "auto" }, ...markdown(text)));
  }

  /** Show a message that is on its way. */
  pend({ id, text, failed }, live = true) {
    if (this.#mine.has(id)) return;
    const node = h("div", { class: "message customer pending" }, said(WORDS.you), h("div", { class: "bubble", dir: "auto" }, text), h("div", { class: "meta" }));
    node.classList.toggle("live", live);
    this.#mine.set(id, node);
    this.#settleChoices(text);
    this.#log.append(...[this.#when(Date.now()), node].filter(Boolean));
    if (failed) this.failed(id, failed, true);
    else this.mark(id, WORDS.pending);
    this.toEnd();
  }

  mark(id, words) {
    const meta = this.#mine.get(id)?.querySelector(".meta");
    if (meta && !this.#mine.get(id).classList.contains("failed")) meta.textContent = words;
  }

  /** Say below every waiting message how it stands. */
  markAll(words) {
    for (const [id, node] of this.#mine) if (node.classList.contains("pending")) this.mark(id, words);
  }

  sent(id) {
    const node = this.#mine.get(id);
    if (!node?.classList.contains("pending")) return;
    node.classList.remove("pending", "failed");
    node.querySelector(".meta").replaceChildren();
  }

  failed(id, sentence, again) {
    const node = this.#mine.get(id);
    if (!node) return;
    node.classList.add("failed");
    const text = node.querySelector(".bubble").textContent;
    const act = again ? () => this.#retry(id) : () => { this.#remove(id); this.#does.edit(id, text); };
    const button = h("button", { class: "small", type: "button", onclick: act }, again ? WORDS.retry : WORDS.edit);
    node.querySelector(".meta").replaceChildren(sentence, " ", button);
    this.#follow(true);
  }

  /** Add events in the order of the log; a whole history goes in silently and without movement. */
  add(frames, isHistory) {
    const near = this.#near();
    if (isHistory) this.#log.setAttribute("aria-live", "off");
    const fragment = document.createDocumentFragment();
    for (const frame of frames) this.#place(frame, fragment, !isHistory);
    this.#flush(fragment);
    while (this.#log.childElementCount > KEEP) this.#log.firstElementChild.remove();
    if (isHistory) setTimeout(() => this.#log.removeAttribute("aria-live"), 200);
    this.#follow(isHistory || near);
  }

  rated({ message_id: id, value }) {
    for (const [name, button] of Object.entries(this.#rateable.get(id) ?? {})) {
      button.setAttribute("aria-pressed", String(name === value));
    }
  }

  typing(on) {
    clearTimeout(this.#typingSoon);
    if (!on) this.#typing.hidden = true;
    else this.#typingSoon = setTimeout(() => this.#showTyping(), GLANCE);
  }

  #showTyping() {
    const near = this.#near();
    this.#typing.hidden = false;
    if (near) this.toEnd();
  }

  clear() {
    this.#mine.clear();
    this.#rateable.clear();
    this.#last = 0;
    this.#log.replaceChildren();
  }

  toEnd() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
    this.#jump.hidden = true;
  }

  #place(frame, fragment, live) {
    const known = frame.client_message_id && this.#mine.get(frame.client_message_id);
    if (known) {
      this.#flush(fragment);
      this.sent(frame.client_message_id);
      const waiting = this.#firstPending();
      // it was written after something that still waits, or before something that came meanwhile
      if (waiting && waiting.compareDocumentPosition(known) & Node.DOCUMENT_POSITION_FOLLOWING) waiting.before(known);
      return;
    }
    if (frame.kind === "customer") this.#settleChoices(frame.text, fragment);
    const when = this.#when(frame.at);
    if (when) fragment.append(when);
    const node = this.#node(frame);
    node.classList.toggle("live", live);
    if (frame.client_message_id) this.#mine.set(frame.client_message_id, node);
    fragment.append(node);
  }

  #flush(fragment) {
    this.#log.insertBefore(fragment, this.#firstPending());
  }

  #firstPending() {
    return this.#log.querySelector(".pending");
  }

  #node(frame) {
    if (frame.kind === "notice") return h("div", { class: "notice" }, frame.text);
    const bubble = h("div", { class: "bubble", dir: "auto" });
    if (frame.kind === "customer") {
      bubble.textContent = frame.text;
      return h("div", { class: "message customer" }, said(WORDS.you), bubble, h("div", { class: "meta" }));
    }
    bubble.append(...markdown(frame.text));
    const who = frame.kind === "operator" ? h("div", { class: "label" }, icon("person"), WORDS.operator) : said(WORDS.bot);
    return h("div", { class: `message ${frame.kind}` }, who, bubble, attached(frame), this.#foot(frame), this.#choices(frame));
  }

  /** What a question offers, or under an answer what others asked next. */
  #choices({ action, choices }) {
    if (!choices?.length) return null;
    const buttons = choices.map((choice) =>
      h("button", { class: "choice", type: "button", dir: "auto", value: choice.value, onclick: () => this.#does.choose(choice) }, choice.label),
    );
    if (action !== "reply") return h("div", { class: "choices" }, ...buttons);
    return h("div", { class: "choices next", role: "group", "aria-label": WORDS.next }, ...buttons);
  }

  #foot(frame) {
    return frame.rateable ? h("div", { class: "meta" }, this.#thumbs(frame)) : null;
  }

  #thumbs({ message_id: id, rated }) {
    const thumb = (value, label) =>
      h("button", { class: "thumb", type: "button", "aria-label": label, "aria-pressed": String(rated === value), onclick: () => this.#does.rate(id, value) }, icon(value));
    const pair = { up: thumb("up", WORDS.helped), down: thumb("down", WORDS.notHelped) };
    this.#rateable.set(id, pair);
    return h("span", { class: "thumbs" }, pair.up, pair.down);
  }

  /** Whatever was offered before this was said can be tapped no more; what was tapped stays marked. */
  #settleChoices(text, ...more) {
    for (const place of [this.#log, ...more]) {
      for (const button of place.querySelectorAll(".choice:enabled")) {
        button.disabled = true;
        button.classList.toggle("taken", button.textContent === text || button.value === SAYS + text);
      }
    }
  }

  /** The time, where it is worth a line. */
  #when(said) {
    const at = new Date(said);
    const pause = at - this.#last;
    this.#last = at;
    return pause > PAUSE ? h("time", { class: "when", datetime: at.toISOString() }, clock(at)) : null;
  }

  #retry(id) {
    const node = this.#mine.get(id);
    node.classList.remove("failed");
    this.mark(id, WORDS.pending);
    this.#does.again(id);
  }

  #remove(id) {
    this.#mine.get(id)?.remove();
    this.#mine.delete(id);
  }

  #near() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroll;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  #follow(along) {
    if (along) this.toEnd();
    else this.#jump.hidden = false;
  }
}

function said(words) {
  return h("span", { class: "unseen" }, words);
}
