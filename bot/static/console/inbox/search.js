// What was found in a text, pure: a piece of it around the first mark, cut into what is marked and what is not.

const BEFORE = 24; // characters shown before the first mark

/** Return `[text, marked]` pairs; the marks are in units of UTF-16, as strings here are. */
export function excerpt({ text, marks }) {
  const start = Math.max(0, (marks[0]?.[0] ?? 0) - BEFORE);
  const pieces = [];
  let at = start;
  for (const [from, to] of marks) {
    pieces.push([text.slice(at, from), false], [text.slice(from, to), true]);
    at = to;
  }
  pieces.push([text.slice(at), false]);
  if (start) pieces[0][0] = `\u2026${pieces[0][0]}`;
  return pieces.filter(([piece]) => piece);
}
