// How a suggested reply goes into what an operator is writing, pure: in the place of the one before it, below their own words, and back out.

/** Return what is written once a suggestion is in it, with the stretch that is to be filled in; `used` is the one that is in it already. */
export function put(written, text, used, gaps = []) {
  const own = used && written === used.written ? used.own : written;
  const all = own.trim() ? `${own.trimEnd()}\n\n${text}` : text;
  return { own, written: all, ...gapIn(all, gaps) };
}

/** Return which suggestion comes next: the first where none is in what is written, none after the last. */
export function next(written, used, count) {
  if (!used || written !== used.written) return 0;
  return used.at + 1 < count ? used.at + 1 : -1;
}

function gapIn(text, gaps) {
  const gap = gaps.find((one) => text.includes(one));
  if (!gap) return { from: text.length, to: text.length };
  const from = text.lastIndexOf(gap);
  return { from, to: from + gap.length };
}
