// Several conversations at once: which are chosen, what is done to them, what came of it for each, and taking that back.

import { laters, whole } from "../time.js";
import { whom } from "./colleagues.js";

const MOST = 50; // bot/together.py
const DID = { assign: "assigned", snooze: "laid aside", close: "resolved" };
const DOES = { assign: "Assign", snooze: "Lay aside", close: "Resolve" };
const HOW = {
  already: (many) => `${many} ${many > 1 ? "were" : "was"} so already`,
  held: (many, who) => `${who} ${who.includes(",") ? "have" : "has"} ${many}`,
  closed: (many) => `${many} ${many > 1 ? "are" : "is"} over`,
  changed: (many) => `${many} ${many > 1 ? "are" : "is"} not like that any more`,
  unknown: (many) => `${many} ${many > 1 ? "are" : "is"} not there any more`,
};

/** What came of it, in one sentence: those where it was done, and why it was not with the others. */
export function sentence(what, outcomes, named = "") {
  const of = (outcome) => outcomes.filter((one) => one.outcome === outcome);
  const others = Object.keys(HOW).filter((outcome) => of(outcome).length);
  const why = others.map((outcome) => HOW[outcome](of(outcome).length, [...new Set(of(outcome).map(({ owner }) => owner))].join(", ")));
  const done = of("done").length;
  return `${done || "None"} ${DID[what]}${done ? named : ""}${why.length ? `: ${why.join(", ")}` : ""}.`;
}

/** The calls that take something back: what was before, and which conversations had it. */
export function undoing({ what, value, outcomes }) {
  const had = new Map();
  if (what === "close") return []; // what is over stays over
  for (const { conversation_id: id, outcome, before } of outcomes) {
    if (outcome === "done") had.set(before, [...(had.get(before) ?? []), id]);
  }
  const field = what === "assign" ? "to" : "until";
  return [...had].map(([before, conversations]) => ({ do: what, conversations, [field]: before, expects: value }));
}

export class Bulk {
  #picked = new Set();
  done = null; // {what, value, outcomes, said, back}: what was done last

  /** `rows` gives those that are shown, `ask` is the page's dialog. */
  constructor({ changed, rows, ask, desk }) {
    Object.assign(this, { changed, rows, ask, desk });
  }

  has(id) {
    return this.#picked.has(id);
  }

  get ids() {
    return this.rows().map((row) => row.conversation_id).filter((id) => this.#picked.has(id));
  }

  pick(id) {
    if (!id || this.#picked.delete(id)) return this.changed();
    if (this.ids.length >= MOST) return this.desk().say(`At most ${MOST} conversations at once.`);
    this.#picked.add(id);
    this.done = null;
    this.changed();
  }

  all() {
    this.#picked = new Set(this.rows().slice(0, MOST).map((row) => row.conversation_id));
    this.done = null;
    this.changed();
  }

  clear() {
    this.#picked.clear();
    this.done = null;
    this.changed();
  }

  /** Ask what is to be asked, and do it; `what` is assign, snooze or close. */
  async act(what) {
    const { ids } = this;
    if (!ids.length) return;
    const title = `${DOES[what]} ${ids.length} ${ids.length > 1 ? "conversations" : "conversation"}`;
    const value = await this.#wanted(what, title);
    if (value === null) return;
    const asked = { conversations: ids, do: what, ...(what === "assign" && { to: value }), ...(what === "snooze" && { until: value }) };
    const outcomes = await this.#told([asked]);
    if (!outcomes) return;
    const named = what === "assign" ? ` to ${value || "nobody"}` : what === "snooze" ? ` until ${whole(value)}` : "";
    this.#picked.clear();
    this.done = { what, value, outcomes, said: sentence(what, outcomes, named), back: false };
    this.changed();
  }

  #wanted(what, title) {
    if (what === "assign") return whom(this.desk(), this.rows(), this.ask, title);
    if (what === "snooze") return this.ask({ title: `${title} until`, choices: laters() });
    return this.ask({ title: `${title}?`, choices: [[`${title}, which cannot be taken back`, true]] });
  }

  get undoes() {
    return Boolean(this.done && !this.done.back && undoing(this.done).length);
  }

  async undo() {
    if (!this.undoes) return;
    const outcomes = await this.#told(undoing(this.done));
    if (!outcomes) return;
    const back = outcomes.filter(({ outcome }) => outcome === "done").length;
    const kept = outcomes.length - back;
    const said = `${back} ${back === 1 ? "is" : "are"} as before${kept ? `; ${kept} changed meanwhile and ${kept > 1 ? "stay" : "stays"}` : ""}.`;
    this.done = { ...this.done, said, back: true };
    this.changed();
  }

  async #told(calls) {
    const outcomes = [];
    try {
      for (const call of calls) outcomes.push(...(await this.desk().api.post("/api/v1/bulk", call)).outcomes);
      return outcomes;
    } catch (refusal) {
      this.desk().say(refusal.message);
      return null;
    }
  }

  /** The commands of the page that are about several; keys of one conversation act on the chosen ones while there are some. */
  commands(current) {
    return [
      { id: "pick", title: "Choose this conversation, or not", key: "x", run: () => this.pick(current()) },
      { id: "pick-all", title: "Choose all that are shown", run: () => this.all() },
      { id: "pick-none", title: "Choose none", run: () => this.clear() },
      { id: "bulk-undo", title: "Take back what was done to several", key: "z", run: () => this.undo() },
    ];
  }

  /** A command of one conversation as its key runs it. */
  wide(command) {
    const what = { resolve: "close", snooze: "snooze", assign: "assign" }[command.id];
    return what ? { ...command, one: command.run, run: () => (this.ids.length ? this.act(what) : command.run()) } : command;
  }
}
