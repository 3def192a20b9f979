// What is said of Releases and of nights.

import { said } from "../numbers/figures.js";

const STANDINGS = { candidate: "Candidate", refused: "Refused", promoted: "Served before", "rolled back": "Served before" };
const OUTCOMES = {
  promoted: "Promoted", held: "Held for you", refused: "Refused", unchanged: "Nothing new", left_behind: "Stays behind", failed: "Failed", would_promote: "Dry run",
};
const RULES = { understood: "Understood", "understood by the best": "Understood, beside the best so far", handled: "Handled", "wrong answers": "Wrong among the answers", "right answers": "Right answers", "calibration error": "Calibration error" };
const SETS = { frozen: "Held-out questions", unseen: "Examples, before they were learned", regression: "Once wrong", fresh: "Asked these days", labels: "Labels" };
const SHIFTS = { newly_answered: "newly answered", no_longer_answered: "no longer answered", answered_otherwise: "answered otherwise", reworded: "worded otherwise", still_unanswered: "still unanswered", same: "the same" };
const SHARES = new Set(["wrong answers", "calibration error"]);

export const standing = (one) => (one.champion ? "Serving" : (STANDINGS[one.standing] ?? "Sealed"));
export const outcome = (night) => OUTCOMES[night.outcome] ?? night.outcome;
export const rule = (name) => RULES[name] ?? name.replace(/^intent /, "Intent ");
export const set = (name) => SETS[name] ?? name;
export const shifts = (result) => Object.entries(SHIFTS).filter(([name]) => result[name]).map(([name, words]) => `${said(result[name])} ${words}`).join(", ");

/** A figure of the gate as it is read: some rules count questions, some are shares. */
export const measured = (name, value) => (SHARES.has(name) || name.startsWith("intent ") ? said(value, "share") : said(value));

/** A difference with its sign, and where 95 % of the resampled ones lie. */
export function difference({ name, champion, challenger, low, high }) {
  const share = SHARES.has(name) || name.startsWith("intent ");
  const shown = (value) => `${value > 0 ? "+" : value < 0 ? "\u2212" : "\u00b1"}${share ? `${(100 * Math.abs(value)).toFixed(1)} pp` : said(Math.abs(Math.round(value)))}`;
  const between = low === null || low === undefined ? "" : ` (${shown(low)} to ${shown(high)})`;
  return shown(challenger - champion) + between;
}

/** The largest part of a confusion matrix: the intents in it, most misread first, and its cells by truth and reading. */
export function matrix(confusion, most = 10) {
  const weight = new Map();
  for (const { truth, predicted, count } of confusion) for (const name of [truth, predicted]) weight.set(name, (weight.get(name) ?? 0) + count);
  const names = [...weight].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).slice(0, most).map(([name]) => name);
  const cells = new Map(confusion.filter(({ truth, predicted }) => names.includes(truth) && names.includes(predicted)).map((cell) => [`${cell.truth} ${cell.predicted}`, cell]));
  return { names, cells, fullest: Math.max(1, ...[...cells.values()].map(({ count }) => count)) };
}
