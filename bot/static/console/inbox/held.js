// The conversation that is looked at: as the server told it, and then event by event.

import { query } from "../api.js";

const STILL = 8000; // milliseconds after which somebody who was typing is not any more

export class Held {
  constructor(changed) {
    this.changed = changed;
    this.open(null);
  }

  open(id) {
    const same = id !== null && id === this.id;
    this.id = id;
    this.waiting = [];
    if (same) return; // what is shown, or was said, stands until the server has answered again
    this.fault = "";
    this.talk = this.row = this.history = null;
    this.viewing = [];
    this.writing = new Map();
    this.changed();
  }

  get seq() {
    return this.talk?.events.at(-1)?.seq ?? 0;
  }

  async load(api) {
    const { id } = this;
    const talk = await api.get(`/api/v1/conversations/${encodeURIComponent(id)}`);
    if (id !== this.id) return;
    this.talk = talk;
    this.fault = "";
    for (const event of this.waiting) this.add(event);
    this.changed();
    const found = await api.get(`/api/v1/inbox${query({ state: "all", visitor: talk.visitor_id, limit: 20 })}`).catch(() => ({ rows: [] }));
    if (id !== this.id) return;
    this.history = found.rows;
    this.row ??= found.rows.find((row) => row.conversation_id === id) ?? null;
    this.changed();
  }

  failed(sentence) {
    this.fault = sentence;
    this.changed();
  }

  add(event) {
    if (event.conversation_id !== this.id) return;
    if (!this.talk) return void this.waiting.push(event);
    if (event.seq <= this.seq) return;
    if (event.kind === "heard") this.writing.delete("customer");
    if (event.kind === "operatorwrote") this.writing.delete(event.operator);
    this.talk = { ...this.talk, ...standing(this.talk, event), events: [...this.talk.events, event] };
    this.changed();
  }

  viewed({ conversation_id: id, who }) {
    if (id !== this.id) return;
    this.viewing = who;
    this.changed();
  }

  types({ conversation_id: id, who, on }) {
    if (id !== this.id) return;
    clearTimeout(this.writing.get(who));
    this.writing.delete(who);
    if (on) this.writing.set(who, setTimeout(() => this.types({ conversation_id: id, who, on: false }), STILL));
    this.changed();
  }

  get typing() {
    return [...this.writing.keys()];
  }
}

/** Who has it after one more event, as conversations/handover.py has it. */
function standing({ state, owner }, event) {
  if (state === "closed") return {};
  const withPerson = state === "waiting" || state === "operator";
  switch (event.kind) {
    case "decided":
      return event.action === "handoff" && !withPerson ? { state: "waiting", handoff_reason: event.reason } : {};
    case "taken":
      return { state: "operator", owner: event.operator, ...(event.operator === owner ? {} : { assigned: "" }) };
    case "operatorwrote":
      return owner ? {} : { state: "operator", owner: event.operator, assigned: "" };
    case "released":
      return state === "operator" ? { state: "waiting", owner: "" } : {};
    case "givenback":
      return withPerson ? { state: "returned", owner: "", assigned: "" } : {};
    case "closed":
      return { state: "closed", owner: "", assigned: "" };
    case "assigned":
      return { assigned: event.to };
    default:
      return {};
  }
}
