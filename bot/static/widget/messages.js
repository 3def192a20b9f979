/** The list of messages: one node per message, announced once, history in one piece. */

import { h, icon } from "./dom.js";
import { MessageMaker } from "./message.js";
import { markdown } from "./markdown.js";

export const SAYS = "say:"; // what a quick reply's value begins with, as in conversations/events.py
const KEEP = 400; // messages in the list; older ones are a reload away
const PAUSE = 20 * 60_000; // ms of silence after which the time is worth a line
const GLANCE = 250; // ms; an answer that comes sooner needs no dots
const NEAR = 90; // px from the end that still count as reading along

export class Messages {
  #t;
  #does; // choose(choice), rate(id, value, reason), again(id), edit(id, text), part(name)
  #make;
  #mine = new Map(); // client message id -> node
  #written = new Map(); // message id -> node, of operators
  #offered = []; // the buttons that can still be tapped
  #heard = null; // the message with the tick
  #typingSoon = null;
  #last = 0; // time of the latest message
  #greeting = h("div.message.bot", { hidden: true });
  #starters = h("div", { hidden: true });
  #log;
  #typing = h("div.typing", { hidden: true });
  #jump;
  #watching = new ResizeObserver(() => this.#stuck && this.toEnd());
  #stuck = true;

  constructor(t, server, does) {
    this.#t = t;
    this.#does = does;
    this.#make = new MessageMaker(t, server, does);
    this.#log = h("div.log", { role: "log", "aria-label": t("Messages") });
    this.#jump = h("button.round.jump", { "aria-label": t("Go to the newest message"), hidden: true, onclick: () => this.toEnd() }, icon("send"));
    this.after = h("div.after"); // what the panel asks at the end
    this.scroll = h("div.scroll", { tabindex: "0", role: "group", "aria-label": t("Messages"), onscroll: () => this.#scrolled() },
      this.#greeting, this.#starters, this.#log, this.#typing, this.after);
    this.element = h("div.list", this.scroll, this.#jump);
    for (const each of [this.scroll, this.#log]) this.#watching.observe(each); // no keyboard of a phone, growing composer or late card pushes the newest message out of sight
  }

  destroy() {
    clearTimeout(this.#typingSoon);
    this.#watching.disconnect();
  }

  greet(text) {
    this.#greeting.hidden = !text;
    this.#greeting.replaceChildren(h("div.bubble", { dir: "auto" }, ...markdown(text)));
  }

  /** Offer what to ask first, as long as nothing was said. */
  start(choices) {
    this.#starters.replaceChildren(...(choices.length ? [this.#make.choices(choices, "You might ask")] : []));
    this.#starters.hidden = this.#log.childElementCount > 0;
  }

  /** Show a message that is on its way. */
  pend({ id, text, files, failed }, live = true) {
    if (this.#mine.has(id)) return;
    const node = this.#make.node({ kind: "customer", text, files }, this.#when(Date.now()), live);
    node.classList.add("pending");
    this.#mine.set(id, node);
    this.#settleChoices(text);
    this.#starters.hidden = true;
    this.#log.append(node);
    if (failed) this.failed(id, failed, true, false);
    else this.#mark(node, "Sending…");
    this.toEnd();
  }

  /** Say below every waiting message how it stands. */
  markAll(words) {
    for (const node of this.#log.querySelectorAll(".pending:not(.failed)")) this.#mark(node, words);
  }

  /** It was heard: a tick under it, until something is answered. */
  sent(id) {
    const node = this.#mine.get(id);
    if (!node?.classList.contains("pending")) return;
    node.classList.remove("pending", "failed");
    this.#untick();
    this.#heard = node;
    node.querySelector(".meta").replaceChildren(icon("check"), this.#t("Received"));
  }

  /** It was refused, which is announced where it is news. */
  failed(id, sentence, again, live = true) {
    const node = this.#mine.get(id);
    if (!node) return;
    node.classList.add("failed");
    const text = node.querySelector(".bubble")?.textContent ?? "";
    const retry = () => {
      node.classList.remove("failed");
      this.#mark(node, "Sending…");
      this.#does.again(id);
    };
    const edit = () => {
      node.remove();
      this.#mine.delete(id);
      this.#does.edit(id, text);
    };
    const button = h("button.small", { onclick: again ? retry : edit }, this.#t(again ? "Try again" : "Edit"));
    const meta = node.querySelector(".meta");
    meta.ariaLive = live ? "polite" : "off";
    meta.replaceChildren(sentence, " ", button);
    this.#follow(true);
  }

  /** Add events in the order of the log; a whole history goes in silently and without movement. */
  add(frames, isHistory) {
    const near = this.#near();
    if (isHistory) this.#log.setAttribute("aria-live", "off");
    if (frames.some(({ kind }) => kind !== "customer")) this.#untick();
    const fragment = document.createDocumentFragment();
    for (const frame of frames) this.#place(frame, fragment, !isHistory);
    this.#flush(fragment);
    while (this.#log.childElementCount > KEEP) this.#log.firstElementChild.remove();
    this.#starters.hidden = true;
    if (isHistory) setTimeout(() => this.#log.removeAttribute("aria-live"), 200);
    this.#follow(isHistory || near);
  }

  /** Show a thumb; returns the one that was there. */
  rated({ message_id: id, value }) {
    const meta = [...this.#log.querySelectorAll("[data-rates]")].find((each) => each.dataset.rates === id);
    const before = meta?.querySelector("[aria-pressed=true]")?.dataset.thumb;
    for (const thumb of meta?.querySelectorAll(".thumb") ?? []) thumb.setAttribute("aria-pressed", String(thumb.dataset.thumb === value));
    if (value !== "down") meta?.querySelector(".reasons, .thanks")?.remove();
    return before;
  }

  /** Show that somebody is typing, `name` where it is a person. */
  typing({ on, name }) {
    clearTimeout(this.#typingSoon);
    if (!on) this.#typing.hidden = true;
    else this.#typingSoon = setTimeout(() => this.#showTyping(name), GLANCE);
  }

  clear() {
    this.#mine.clear();
    this.#written.clear();
    this.#offered = [];
    this.#last = 0;
    this.#log.replaceChildren();
    this.after.replaceChildren();
    this.#starters.hidden = false;
  }

  /** Whether what is in the list waits to be laid out: that is a task of its own. */
  set resting(is) {
    this.scroll.style.contentVisibility = is ? "hidden" : "";
  }

  toEnd() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
    this.#jump.hidden = true;
  }

  #showTyping(name) {
    const near = this.#near();
    this.#typing.replaceChildren(h("span.dots", { "aria-hidden": "true" }, h("i"), h("i"), h("i")), name ? this.#t("{name} is typing", { name }) : "");
    this.#typing.hidden = false;
    if (near) this.toEnd();
  }

  #mark(node, words) {
    Object.assign(node.querySelector(".meta"), { ariaLive: "off", textContent: this.#t(words) });
  }

  #untick() {
    this.#heard?.querySelector(".meta").replaceChildren();
    this.#heard = null;
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
    const reworded = this.#written.get(frame.edits);
    if (reworded) {
      reworded.querySelector(".bubble")?.remove();
      reworded.querySelector(".label").after(this.#make.bubble(frame)); // which the log announces, and nothing else of the message
      return;
    }
    if (frame.kind === "customer") this.#settleChoices(frame.text);
    const node = this.#make.node(frame, this.#when(frame.at), live);
    this.#offered.push(...node.querySelectorAll(".choices > button"));
    if (frame.client_message_id) this.#mine.set(frame.client_message_id, node);
    if (frame.kind === "operator") this.#written.set(frame.edits ?? frame.message_id, node);
    fragment.append(node);
  }

  #flush(fragment) {
    this.#log.insertBefore(fragment, this.#firstPending());
  }

  #firstPending() {
    return this.#log.querySelector(".pending");
  }

  /** Whatever was offered before this was said can be tapped no more; what was tapped stays marked. */
  #settleChoices(text) {
    for (const button of this.#offered.splice(0)) {
      button.disabled = true;
      button.classList.toggle("taken", button.textContent === text || button.value === SAYS + text);
    }
  }

  /** The time, where it is worth a line. */
  #when(said) {
    const at = new Date(said);
    const pause = at - this.#last;
    this.#last = at;
    return pause > PAUSE ? at : null;
  }

  #near() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroll;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  #scrolled() {
    this.#stuck = this.#near();
    if (this.#stuck) this.#jump.hidden = true;
  }

  #follow(along) {
    if (along) this.toEnd();
    else this.#jump.hidden = false;
  }
}
