// What is said of knowledge pages and of what a document changes; pure.

const counted = (count, one, many = `${one}s`) => `${count.toLocaleString()} ${count === 1 ? one : many}`;

export const passages = (count) => counted(count, "passage");

/** What somebody should know of a page, as [words, class of its badge]; the first is whether the bot quotes it. */
export function flags({ quoted, edited, fault }) {
  if (fault) return [["Cannot be read", "low"]];
  return [quoted ? ["Quoted", "operator"] : ["Waits for training", "waiting"], ...(edited ? [["Edited by hand", ""]] : [])];
}

/** Where a page is from, in words. */
export const origin = ({ source, url }) => source || url || "Written by hand";

/** What a document changes, as [count, word], without what it does not. */
export function tally(plan) {
  const counts = [[plan.new.length, "new"], [plan.changed.length, "changed"], [plan.gone.length, "gone"], [plan.same, "as before"]];
  return counts.filter(([count]) => count);
}

export const changes = (plan) => plan.new.length + plan.changed.length + plan.gone.length > 0;

/** What becomes of the page: a new one, a changed one, or none. */
export function outcome(plan) {
  if (!changes(plan)) return "Nothing changes";
  return plan.seen ? "Changes a page" : "A new page";
}
