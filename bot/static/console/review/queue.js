// The review queue as the page has it: what is dealt, what is decided and on its way, and what the server says to it.

const DEALT = 50; // tickets fetched at once
const FEW = 10; // left, from which more are fetched

/** Tells `change`; `tickets` are those still to be decided, the one in focus is `tickets[at]`. */
export class Queue extends EventTarget {
  #api;
  #name;
  #sending = Promise.resolve(); // decisions go out one after another, so that undo takes back the last of them
  #fetching = null;
  #turns = 0; // decisions so far: a page that was dealt before one of them is of yesterday
  tickets = [];
  at = 0;
  open = 0;
  today = [];
  known = false; // whether the server has answered yet
  fault = "";

  constructor(api, name) {
    super();
    this.#api = api;
    this.#name = name;
  }

  get current() {
    return this.tickets[this.at];
  }

  /** Fetch what there is to label; what is in focus stays so. */
  load() {
    this.#fetching ??= this.#load().finally(() => (this.#fetching = null));
    return this.#fetching;
  }

  async #load() {
    try {
      const page = await this.#dealt();
      const kept = this.current;
      this.tickets = page.tickets;
      this.at = Math.max(0, kept ? page.tickets.findIndex((one) => one.message_id === kept.message_id) : 0);
      this.open = page.open;
      this.today = page.today;
      this.fault = "";
    } catch (refusal) {
      this.fault = refusal.message;
    }
    this.known = true;
    this.#changed();
  }

  async #dealt() {
    for (;;) {
      const turn = this.#turns; // before the wait: what is decided during it is not sent yet
      await this.#sending;
      const page = await this.#api.get(`/api/v1/review?limit=${DEALT}`);
      if (turn === this.#turns) return page;
    }
  }

  look(at) {
    this.at = Math.max(0, Math.min(this.tickets.length - 1, at));
    this.#changed();
  }

  /** Say what messages mean, empty for nothing that the desk knows, and go on at once. */
  decide(messages, intent) {
    this.#decided("decisions", { messages, intent, settle: this.current.labels.length > 0 });
  }

  /** Say that messages need no label, and go on at once. */
  dismiss(messages) {
    this.#decided("dismissals", { messages });
  }

  #decided(path, body) {
    const ticket = this.current;
    const done = new Set(body.messages);
    this.#turns += 1;
    this.tickets = this.tickets.filter((one) => one !== ticket && !done.has(one.message_id)).map((one) => without(one, done));
    this.open = Math.max(0, this.open - done.size);
    this.at = Math.min(this.at, Math.max(0, this.tickets.length - 1));
    this.#sending = this.#sending.then(() => this.#sent(path, body, ticket));
    const leftOut = ticket.messages.some((one) => !done.has(one)); // each stands for itself now
    if (leftOut || this.tickets.length < FEW) this.load();
    this.#changed();
  }

  async #sent(path, body, ticket) {
    try {
      await this.#api.post(`/api/v1/review/${path}`, body);
      this.#count(body.messages.length);
    } catch (refusal) {
      this.#front(ticket);
      this.dispatchEvent(new CustomEvent("refused", { detail: `That was not kept, and is in front of you again. ${refusal.message}` }));
    }
    this.#changed();
  }

  #count(messages) {
    const own = this.today.find(({ operator }) => operator === this.#name) ?? { operator: this.#name, decisions: 0, messages: 0 };
    const others = this.today.filter(({ operator }) => operator !== this.#name);
    this.today = [...others, { ...own, decisions: own.decisions + 1, messages: own.messages + messages }];
  }

  #front(ticket) {
    this.#turns += 1;
    this.tickets = [ticket, ...this.tickets.filter((one) => one.message_id !== ticket.message_id)];
    this.at = 0;
  }

  /** Take back the last decision and have it in focus again; returns how many messages it was about. */
  async undo() {
    await this.#sending;
    const { unlabelled, restored, reopened } = await this.#api.post("/api/v1/review/undo");
    const back = [...unlabelled, ...restored];
    if (!back.length) return reopened.length; // it was about a label in doubt
    this.#turns += 1;
    await this.#fetching;
    await this.load();
    const at = this.tickets.findIndex((one) => one.messages.some((id) => back.includes(id)));
    if (at >= 0) this.look(at);
    else await this.#sought(back[0]);
    return back.length;
  }

  /** Have a ticket in front that is further back in the queue than what is dealt. */
  async #sought(id) {
    const { tickets } = await this.#near(id, 1);
    if (tickets.length) this.#front(tickets[0]);
    this.#changed();
  }

  /** Return what nearly says the same as a ticket, whatever it is taken for; it and its near-duplicates are left out. */
  async similar(ticket) {
    await this.#sending;
    const { tickets } = await this.#near(ticket.message_id, 50);
    return tickets.filter((one) => !ticket.messages.includes(one.message_id));
  }

  #near(id, limit) {
    return this.#api.get(`/api/v1/review/similar?message_id=${encodeURIComponent(id)}&limit=${limit}`);
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/** Return a ticket without the near-duplicates that were decided with another one. */
function without(ticket, done) {
  if (!ticket.messages.some((one) => done.has(one))) return ticket;
  const twins = ticket.twins.filter((_, at) => !done.has(ticket.messages[at + 1]));
  return { ...ticket, messages: ticket.messages.filter((one) => !done.has(one)), twins };
}
