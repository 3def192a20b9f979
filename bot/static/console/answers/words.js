// What is said of answers, how they are found, and how two of their texts differ; pure.

const NAMES = { draft: "Draft", approved: "Approved", live: "Live", retired: "Retired" };
const FLAGGED = "flagged";
const FLAGS = { over: "Over", ends_soon: "Ends soon", page_changed: "Page changed", disliked: "Turned down", unused: "Not given lately", same_case: "Same case twice", same_question: "Same question twice", same_words: "Said twice", other_figures: "Other figures" };

/** What the list can be narrowed to, by its name in the address. */
export const STATES = { "": "Any state", ...NAMES, [FLAGGED]: "To look at" };

export const state = (one) => NAMES[one.state] ?? one.state;

/** What somebody should look at, in a word or two, and how much besides; empty where all is well. */
export function flag({ flags: [first, ...more], version, live_version: given, state: now }) {
  if (first) return `${FLAGS[first.kind] ?? first.kind}${more.length ? ` +${more.length}` : ""}`;
  if (now !== "retired" && given !== null && given !== version) return "Newer version waits";
  return given === null && now !== "retired" ? "Not given yet" : "";
}

/** Whether an answer has every word that is looked for, and the state. */
export function matches(one, intent, { q, state: wanted }) {
  if (wanted && (wanted === FLAGGED ? !one.flags.length : one.state !== wanted)) return false;
  const there = `${one.id} ${one.title} ${intent} ${one.author} ${one.text}`.toLowerCase();
  return q.toLowerCase().split(/\s+/).every((word) => there.includes(word));
}

/** The pieces of two texts, word by word, in the order in which they are read: [-1 gone, 0 kept or 1 new, text]. */
export function difference(before, after) {
  const [a, b] = [before, after].map((text) => text.split(/(\s+)/).filter(Boolean).slice(0, 1500));
  const longest = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) for (let j = b.length - 1; j >= 0; j--) longest[i][j] = a[i] === b[j] ? longest[i + 1][j + 1] + 1 : Math.max(longest[i + 1][j], longest[i][j + 1]);
  const pieces = [];
  const put = (kind, text) => (pieces.at(-1)?.[0] === kind ? (pieces.at(-1)[1] += text) : pieces.push([kind, text]));
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) put(0, a[i++]), j++;
    else if (j >= b.length || (i < a.length && longest[i + 1][j] >= longest[i][j + 1])) put(-1, a[i++]);
    else put(1, b[j++]);
  }
  return pieces;
}

/** The wordings of an answer as [whom they are for, text], the one for everybody first. */
export const wordings = ({ text, variants = [] }) => [["", text], ...variants.map((one) => [[one.channel, one.language].filter(Boolean).join(" "), one.text])];

const FIELDS = {
  questions: "questions", quick_replies: "quick replies", attachments: "attachments", title: "title", needs: "what has to be known", valid_from: "first day",
  valid_until: "last day", only_for: "only for", not_for: "not for", intent: "intent",
};

/** What two versions of an answer differ in besides their texts, in words. */
export const alsoChanged = (before, after) => Object.keys(FIELDS).filter((name) => JSON.stringify(before[name] || []) !== JSON.stringify(after[name] || [])).map((name) => FIELDS[name]);

const BOLD = /\*\*(\S[^*\n]*?)\*\*/;

/** A text's paragraphs as [text, bold] runs, for a preview: what is marked otherwise stays as it is written. */
export const runs = (text) => text.split(/\n{2,}/).map((paragraph) => paragraph.split(BOLD).map((piece, at) => [piece, at % 2 === 1]));
