/** One message as a node: bubble, sources and files, thumbs, choices. */

import { h, icon } from "./dom.js";
import { address, link, markdown } from "./markdown.js";
import { clock } from "./words.js";

const REASONS = { // as in conversations/events.py, Dislike
  not_my_question: "Not my question", wrong: "It is wrong", incomplete: "Something is missing", outdated: "Out of date", other: "Something else",
};
const PICTURE = /^image\/(png|jpeg|gif|webp|avif)$/;

/** Words for those who hear the page. */
export function unseen(words) {
  return h("span.unseen", words);
}

/** Return a size in bytes as people read it. */
export function size(locale, bytes) {
  const [value, unit] = bytes < 1_000_000 ? [bytes / 1_000, "kilobyte"] : [bytes / 1_000_000, "megabyte"];
  return new Intl.NumberFormat(locale, { style: "unit", unit, maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
}

export class MessageMaker {
  #t;
  #server;
  #does; // choose(choice), rate(id, value, reason)

  constructor(t, server, does) {
    this.#t = t;
    this.#server = server;
    this.#does = does;
  }

  /** Return the node of an event; `when` is a time to show above it, or null. */
  node(frame, when = null) {
    const t = this.#t;
    const time = when && h("time.when", { datetime: when.toISOString() }, clock(t.locale, when));
    if (frame.kind === "notice") return h("div.message.notice", time, h("p", { dir: "auto" }, t(frame.text)));
    const mine = frame.kind === "customer";
    const parts = [time, this.#who(frame), this.bubble(frame), this.#enclosed(frame)];
    if (mine) return h("div.message.customer", ...parts, h("div.meta", { "aria-live": "off" }));
    return h("div", { class: `message ${frame.kind}` }, ...parts, this.#sources(frame), frame.rateable ? this.#thumbs(frame) : null, this.#choices(frame));
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

  /** What comes with a message; the desk's own files are on the server that the widget is from. */
  #enclosed({ files = [], attachments = [] }) {
    const cards = [...files, ...attachments].map((file) => this.#file(file)).filter(Boolean);
    return cards.length ? h("ul.cards", ...cards.map((card) => h("li", card))) : null;
  }

  #file({ name, url, size: bytes, type }) {
    const href = url && address(url, this.#server);
    if (!href) return null;
    if (PICTURE.test(type) && new URL(href).origin === new URL(this.#server).origin) return link(h("img", { src: href, alt: name, loading: "lazy" }), href, { class: "picture" });
    return link(card("file", name, bytes ? size(this.#t.locale, bytes) : ""), href, { class: "card" });
  }

  #sources({ sources }) {
    const cards = (sources ?? []).map(({ title, url }) => {
      const href = address(url, this.#server);
      return href && link(card("file", title || href, new URL(href).host), href, { class: "card" });
    }).filter(Boolean);
    return cards.length ? h("ul.cards", { "aria-label": this.#t("Sources") }, ...cards.map((one) => h("li", one))) : null;
  }

  #thumbs({ message_id: id, rated }) {
    const t = this.#t;
    const thumb = (value, label) =>
      h("button.thumb", { "data-thumb": value, "aria-label": t(label), "aria-pressed": String(rated === value), onclick: () => this.#rate(meta, id, value) }, icon(value));
    const meta = h("div.meta", { "data-rates": id }, h("span.thumbs", thumb("up", "This helped"), thumb("down", "This did not help")));
    return meta;
  }

  #rate(meta, id, value) {
    meta.querySelector(".reasons, .thanks")?.remove();
    this.#does.rate(id, value);
    if (value === "down") meta.append(this.#reasons(meta, id));
  }

  /** A thumb down counts at once; why is asked, and need not be said. */
  #reasons(meta, id) {
    const t = this.#t;
    const give = (reason) => {
      this.#does.rate(id, "down", reason);
      meta.querySelector(".reasons").replaceWith(h("span.thanks", { tabindex: "-1" }, t("Thank you, that helps us.")));
      meta.querySelector(".thanks").focus({ preventScroll: true }); // what had the focus is gone
    };
    const buttons = Object.entries(REASONS).map(([reason, label]) => h("button.choice", { onclick: () => give(reason) }, t(label)));
    return h("div.reasons", { role: "group", "aria-label": t("What was wrong with it?") }, h("p", { "aria-hidden": "true" }, t("What was wrong with it?")), ...buttons);
  }
}

function card(picture, title, small) {
  return [h("span.card-icon", icon(picture)), h("span.card-text", h("bdi", title), small ? h("small", small) : null)];
}
