/** One message as a node: bubble, thumbs, choices; what comes with it is a part of its own. */

import { h, icon } from "./dom.js";
import { markdown } from "./markdown.js";
import { clock } from "./words.js";

const AGAIN = 5_000; // ms until what could not be fetched is tried once more

/** Words for those who hear the page. */
export function unseen(words) {
  return h("span.unseen", words);
}

export class MessageMaker {
  #t;
  #server;
  #does; // choose(choice), rate(id, value, reason), part(name)

  constructor(t, server, does) {
    this.#t = t;
    this.#server = server;
    this.#does = does;
  }

  /** Return the node of an event; `when` is a time to show above it, or null; `live` whether it is new. */
  node(frame, when, live) {
    const node = this.#node(frame, when, live);
    node.classList.toggle("live", live);
    return node;
  }

  #node(frame, when, live) {
    const t = this.#t;
    const time = when && h("time.when", { datetime: when.toISOString() }, clock(t.locale, when));
    if (frame.kind === "notice") return h("div.message.notice", time, h("p", { dir: "auto" }, t(frame.text)));
    const parts = [time, this.#who(frame), this.bubble(frame), this.#enclosed(frame, live)];
    if (frame.kind === "customer") return h("div.message.customer", ...parts, h("div.meta", { "aria-live": "off" }));
    return h("div", { class: `message ${frame.kind}` }, ...parts, frame.rateable ? this.#thumbs(frame) : null, this.#choices(frame));
  }

  /** Return what was said, null where only files came; that it was edited is heard first. */
  bubble({ kind, text, edits }) {
    return text ? h("div.bubble", { dir: "auto" }, edits ? h("small", this.#t("Edited")) : null, ...(kind === "customer" ? [text] : markdown(text))) : null;
  }

  /** Return buttons for choices: what a question offers, or under an answer what others asked next. */
  choices(choices, label) {
    const t = this.#t;
    const buttons = choices.map((choice) =>
      h("button.choice", { dir: "auto", value: choice.value, onclick: () => this.#does.choose(choice) }, choice.label));
    if (!label) return h("div.choices", ...buttons);
    return h("div.choices.next", { role: "group", "aria-label": t(label) }, ...buttons);
  }

  #who({ kind, author }) {
    const t = this.#t;
    if (kind === "customer") return unseen(t("You said:"));
    if (kind === "bot") return unseen(t("Answer:"));
    return h("div.label", h("span.face", { "aria-hidden": "true" }, author ? [...author][0].toUpperCase() : icon("person")), h("bdi", author || t("A person from the team")));
  }

  #choices({ action, choices }) {
    if (!choices?.length) return null;
    return this.choices(choices, action === "reply" ? "What others asked next" : "");
  }

  /** The place of what comes with a message, which a part fills. What it says belongs to the message: in a history it is not announced. */
  #enclosed(frame, live) {
    if (![frame.files, frame.attachments, frame.sources].some((each) => each?.length)) return null;
    const place = h("div.enclosed", { "aria-live": live ? null : "off" });
    this.#fill(place, frame);
    return place;
  }

  async #fill(place, frame) {
    const part = await this.#does.part("cards");
    if (part) place.append(...part.enclosed(frame, this.#t, this.#server));
    else if (place.isConnected) setTimeout(() => this.#fill(place, frame), AGAIN);
  }

  #thumbs({ message_id: id, rated }) {
    const t = this.#t;
    const thumb = (value, label) =>
      h("button.thumb", { "data-thumb": value, "aria-label": t(label), "aria-pressed": String(rated === value), onclick: () => this.#rate(meta, id, value) }, icon("thumb"));
    const meta = h("div.meta", { "data-rates": id }, h("span.thumbs", thumb("up", "This helped"), thumb("down", "This did not help")));
    return meta;
  }

  /** A thumb down counts at once; why is asked, and need not be said. */
  async #rate(meta, id, value) {
    meta.querySelector(".reasons, .thanks")?.remove();
    this.#does.rate(id, value);
    const part = value === "down" && (await this.#does.part("reasons"));
    if (part && isDown(meta)) meta.append(part.askWhy(this.#t, (reason) => this.#does.rate(id, "down", reason)));
  }
}

/** Whether the thumb is down, and why was not asked yet. */
function isDown(meta) {
  return meta.querySelector("[data-thumb=down][aria-pressed=true]") && !meta.querySelector(".reasons, .thanks");
}
