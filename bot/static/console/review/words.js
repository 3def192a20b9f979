// What the review page says of a ticket.

export const WHY = {
  disputed: ["Reviewers disagree", "Two people labelled it differently. Your decision settles it."],
  complaint: ["A customer complained", "What the bot made of it was wrong for somebody."],
  not_understood: ["Not understood", "The bot handed it to a person without knowing what it is about."],
  audit: ["Sample", "Ordinary traffic, drawn by chance: its label tells how good the bot is today, so nothing is picked."],
  uncertain: ["Unsure", "The bot is between two intents: a label here teaches most."],
};

const SIGNALS = {
  answered: "An operator answered it",
  choice: "The customer tapped an offered intent",
  thumb_up: "Thumb up",
  thumb_down: "Thumb down",
  rejected: "\u201cNo, that is not it\u201d",
  rephrased: "Asked again in other words",
  wanted_person: "Wanted a person after the answer",
  left: "Left when the bot asked back",
  satisfied: "A good score for the conversation",
  dissatisfied: "A bad score for the conversation",
  not_understood: "Handed off without being understood",
};

const ACTIONS = {
  reply: "The bot answered",
  clarify: "The bot asked back",
  compose: "The bot quoted a page",
  handoff: "The bot handed it to a person",
};

export const signal = (name) => SIGNALS[name] ?? name.replaceAll("_", " ");
export const action = (name) => ACTIONS[name] ?? name.replaceAll("_", " ");
export const percent = (share) => `${Math.round(share * 100)}\u2009%`;
export const counted = (count, one, more) => `${count} ${count === 1 ? one : more}`;

const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60]];

/** Return how long ago a time is, as people say it. */
export function ago(at, now = Date.now()) {
  const seconds = (now - Date.parse(at)) / 1000;
  const [unit, length] = UNITS.find(([, one]) => seconds >= one) ?? ["minute", 60];
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(-Math.floor(seconds / length), unit);
}
