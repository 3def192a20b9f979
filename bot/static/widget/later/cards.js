/** What comes with a message: pictures, files, and the pages that an answer quotes. */

import { drawing, h } from "../dom.js";
import { address, link } from "../markdown.js";

export const LOOKS = `
.enclosed { inline-size: 86% }
.cards { margin-block-start: 8px; padding: 0; list-style: none; display: grid; gap: 6px }
.panel .card, .upload { display: flex; align-items: center; gap: 12px; padding: 8px 12px; border-radius: 14px; border: 1px solid var(--line); background: var(--surface); color: var(--ink); text-decoration: none; font-size: 14.5px; line-height: 1.4 }
.card-icon { display: grid; place-items: center; flex: none; inline-size: 36px; block-size: 36px; border-radius: 10px; background: var(--bubble); color: var(--link) }
.card-icon .icon { inline-size: 18px; block-size: 18px }
.card-text { flex: 1; min-inline-size: 0; overflow-wrap: anywhere; text-align: start }
.card-text * { display: block }
.customer .picture { float: inline-end }
.picture img { display: block; inline-size: 240px; max-inline-size: 100%; block-size: 160px; object-fit: cover; border-radius: 20px; background: var(--bubble) }
`;
const PICTURE = /^image\/(png|jpeg|gif|webp|avif)$/;
const FILE = "M14 3.5H7a1.5 1.5 0 0 0-1.5 1.5v14A1.5 1.5 0 0 0 7 20.5h10a1.5 1.5 0 0 0 1.5-1.5V8L14 3.5V8h4.5";

/** Return the lists of an event: its files, the desk's own from `server`, and its sources. */
export function enclosed({ files = [], attachments = [], sources = [] }, t, server) {
  return [
    list({}, [...files, ...attachments].map((file) => fileCard(file, t.locale, server))),
    list({ "aria-label": t("Sources") }, sources.map((source) => sourceCard(source, server))),
  ];
}

/** Return what a card shows: a drawing of a file, its name, and what more there is to say. */
export function card(name, ...more) {
  return [h("span.card-icon", drawing(FILE)), h("span.card-text", h("bdi", name), ...more)];
}

/** Return a size in bytes as people read it. */
export function size(locale, bytes) {
  const [value, unit] = bytes < 1_000_000 ? [bytes / 1_000, "kilobyte"] : [bytes / 1_000_000, "megabyte"];
  return new Intl.NumberFormat(locale, { style: "unit", unit, maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
}

function list(attributes, cards) {
  const items = cards.filter(Boolean).map((one) => h("li", one));
  return items.length ? h("ul.cards", attributes, ...items) : "";
}

function fileCard({ name, url, size: bytes, type }, locale, server) {
  const href = url && address(url, server);
  if (!href) return null;
  if (PICTURE.test(type) && new URL(href).origin === new URL(server).origin) return link(h("img", { src: href, alt: name, loading: "lazy" }), href, { class: "picture" });
  return link(card(name, bytes ? h("small", size(locale, bytes)) : ""), href, { class: "card" });
}

function sourceCard({ title, url }, server) {
  const href = address(url, server);
  return href && link(card(title || href, h("small", new URL(href).host)), href, { class: "card" });
}
