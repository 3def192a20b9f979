/** The little Markdown that answers use, straight to nodes: **bold**, [links](https://...), "- " lists, line breaks. */

import { h } from "./dom.js";

const INLINE = /\*\*(?=\S)(.+?\S|\S)\*\*|\[([^\]\n]+)\]\((https?:\/\/[^\s()<>]+)\)|(https?:\/\/[^\s<>"'*]*[^\s<>"'*.,;:!?)\]])/g;

export function link(label, address) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return label;
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") return label;
  return h("a", { href: url.href, target: "_blank", rel: "noopener noreferrer" }, label);
}

function inline(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    const [all, bold, label, address, bare] = match;
    nodes.push(text.slice(from, match.index));
    if (bold) nodes.push(h("strong", {}, ...inline(bold)));
    else nodes.push(link(label ?? bare, address ?? bare));
    from = match.index + all.length;
  }
  nodes.push(text.slice(from));
  return nodes.filter((node) => node !== "");
}

function paragraph(lines) {
  const broken = lines.flatMap((line, at) => (at ? [h("br"), ...inline(line)] : inline(line)));
  return h("p", {}, ...broken);
}

/** Return the text as block nodes, lists and paragraphs in turn. */
export function markdown(text) {
  const blocks = [];
  let kind = null;
  for (const line of text.split(/\r?\n/)) {
    const item = /^\s*[-*]\s+(.+)$/.exec(line);
    const now = item ? "list" : line.trim() ? "lines" : null;
    if (now && now !== kind) blocks.push({ kind: now, lines: [] });
    if (now) blocks.at(-1).lines.push(item ? item[1] : line);
    kind = now;
  }
  return blocks.map(({ kind, lines }) =>
    kind === "list" ? h("ul", {}, ...lines.map((line) => h("li", {}, ...inline(line)))) : paragraph(lines),
  );
}
