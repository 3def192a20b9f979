// The rows of the list, pure: which belong to it and in what order, as the server has it, so that live rows find their place.

import { query as asking } from "../api.js";

export const STATES = [
  ["waiting", "Waiting"],
  ["mine", "Mine"],
  ["open", "Open"],
  ["bot", "Bot"],
  ["snoozed", "Snoozed"],
  ["closed", "Closed"],
  ["all", "All"],
];
const SORTS = ["waiting", "mood", "recent"];

/** The orders to choose from. Whoever waits longest is who is due first: where an answer is promised, it is said so. */
export const sorts = ({ answer_within: within }) => [
  ["waiting", within ? "Soonest due" : "Longest waiting"],
  ["mood", "Unhappiest"],
  ["recent", "Latest"],
];
const LOW = -0.25; // conversations/views/inbox_pages.py
const NEVER = "9999";

const asleep = (row) => row.snoozed_until !== null && Date.parse(row.snoozed_until) > Date.now();
const LIVELY = ["waiting", "operator", "bot", "returned"];
const WHICH = {
  waiting: (row) => row.state === "waiting" && !asleep(row),
  mine: (row, me) => ((row.state === "operator" && row.owner === me) || (row.assigned === me && LIVELY.includes(row.state))) && !asleep(row),
  open: (row) => ["waiting", "operator"].includes(row.state) && !asleep(row),
  bot: (row) => ["bot", "returned"].includes(row.state),
  snoozed: asleep,
  closed: (row) => row.state === "closed",
  all: () => true,
};
const BEFORE = {
  waiting: (a, b) => (a.waiting_since ?? NEVER).localeCompare(b.waiting_since ?? NEVER),
  mood: (a, b) => (a.mood ?? 2) - (b.mood ?? 2),
  recent: (a, b) => b.last_at.localeCompare(a.last_at),
};

/** What an address asks for: its filters, with the usual ones where it says nothing. */
export function wanted(query) {
  const named = (name) => query.get(name) ?? "";
  const state = STATES.some(([one]) => one === named("state")) ? named("state") : "open";
  const sort = SORTS.includes(named("sort")) ? named("sort") : ["waiting", "open"].includes(state) ? "waiting" : "recent";
  return { state, sort, channel: named("channel"), language: named("language"), intent: named("intent"), mood: named("mood"), owner: named("owner"), q: named("q") };
}

/** Where a page of the list is had; `after` is the last one's `next`. */
export const path = (filter, after = "") => `/api/v1/inbox${asking({ ...filter, after })}`;

export const isUnhappy = (row) => row.mood !== null && row.mood <= LOW;

export function belongs(row, { state, channel, language, intent, mood, owner, q }, me) {
  return (
    WHICH[state](row, me) &&
    (!channel || row.visitor.channel === channel) &&
    (!language || row.language === language) &&
    (!intent || row.intent === intent) &&
    (!owner || row.owner === owner) &&
    (mood !== "low" || isUnhappy(row)) &&
    (!q || `${row.last_text}\n${row.visitor.name}`.toLowerCase().includes(q.toLowerCase()))
  );
}

/** Return the list with a row as it is now: in its place, changed, or gone. Behind the last row of a list that goes on, it is not shown. */
export function placed(rows, row, filter, me, goesOn) {
  const others = rows.filter((one) => one.conversation_id !== row.conversation_id);
  if (!belongs(row, filter, me)) return others;
  const before = BEFORE[filter.sort];
  const at = others.findIndex((one) => before(row, one) < 0);
  if (at < 0) return goesOn && others.length === rows.length ? others : [...others, row];
  return others.toSpliced(at, 0, row);
}

/** What a visitor is called: their name, or the first signs of their id. */
export const called = ({ name, id }) => name || `Visitor ${id.slice(0, 4)}`;
