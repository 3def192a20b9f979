/** The little Markdown that answers use, straight to nodes: **bold**, `code`, [links](https://...), "- " and "1. " lists, line breaks. */

import { attempt } from "./attempt.js";
import { h } from "./dom.js";

const INLINE = /`([^`\n]+)`|\*\*(?=\S)(.+?\S|\S)\*\*|\[([^\]\n]+)\]\((https?:\/\/[^\s()<>]+)\)|(https?:\/\/[^\s<>"'*]*[^\s<>"'*.,;:!?)\]])/g;

/** Return an address that may be followed, absolute, or null: only the web's own, so that no link runs anything. */
export function address(text, base) {
  const url = attempt(() => new URL(text, base));
  return /^https?:$/.test(url?.protocol) ? url.href : null;
}

/** Return a link that opens beside the page, or only its label where the address may not be followed. */
export function link(label, href, more = {}) {
  const to = address(href);
  const content = [label].flat();
  return to ? h("a", { href: to, target: "_blank", rel: "noopener noreferrer", ...more }, ...content) : h("span", ...content);
}

function inline(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    const [all, code, bold, label, href, bare] = match;
    nodes.push(text.slice(from, match.index));
    if (code) nodes.push(h("code", code));
    else if (bold) nodes.push(h("strong", ...inline(bold)));
    else nodes.push(link(label ?? bare, href ?? bare));
    from = match.index + all.length;
  }
  nodes.push(text.slice(from));
  return nodes.filter((node) => node !== "");
}

function paragraph(lines) {
  const broken = lines.flatMap((line, at) => (at ? [h("br"), ...inline(line)] : inline(line)));
  return h("p", ...broken);
}

const ITEM = /^\s*(?:[-*•]|(\d{1,3})[.)])\s+(.+)$/;

/** Return the text as block nodes, lists and paragraphs in turn. */
export function markdown(text) {
  const blocks = [];
  let kind = null;
  for (const line of text.split(/\r?\n/)) {
    const [, number, item] = ITEM.exec(line) ?? [];
    const now = item ? (number ? "ol" : "ul") : line.trim() ? "p" : null;
    if (now && now !== kind) blocks.push({ kind: now, lines: [], start: number });
    if (now) blocks.at(-1).lines.push(item ?? line);
    kind = now;
  }
  return blocks.map(({ kind, lines, start }) =>
    kind === "p" ? paragraph(lines) : h(kind, kind === "ol" ? { start } : {}, ...lines.map((line) => h("li", ...inline(line)))),
  );
}
