// New topics as the page has them: which wait, what is decided about them, looking for more, undo.

import { Listed } from "./listed.js";

const PATH = "/api/v1/review";
const FETCHED = 50;

export class Proposed extends Listed {
  #turn = Promise.resolve(); // one thing at a time: what is decided is about many messages, and the list is read anew after it
  found = {}; // when it was looked for, in how much, and why there is nothing
  looking = { running: false };

  /** Fetch what waits; what is in focus stays so. */
  load() {
    return this.#next(() => this.#load());
  }

  async #load() {
    try {
      const { topics, open, looking, ...found } = await this.api.get(`${PATH}/topics?limit=${FETCHED}`);
      const kept = topics.findIndex((one) => one.name === this.current?.name);
      this.at = kept >= 0 ? kept : Math.max(0, Math.min(this.at, topics.length - 1));
      [this.list, this.open, this.looking, this.found] = [topics, open, looking, found];
      this.fault = "";
    } catch (refusal) {
      this.fault = refusal.message;
    }
    this.known = true;
    this.changed();
  }

  /** Give messages an intent, empty for nothing that the desk knows; says whether the server kept it. */
  give(messages, intent) {
    return this.#sent(() => this.api.post(`${PATH}/decisions`, { messages, intent }));
  }

  /** Say that messages are no topic; says whether the server kept it. */
  dismiss(messages) {
    return this.#sent(() => this.api.post(`${PATH}/dismissals`, { messages }));
  }

  /** Take back the last decision; returns how many it was about, and has what waits again in focus. */
  undo() {
    return this.#next(async () => {
      const before = new Map(this.list.map((one) => [one.name, one.messages.length]));
      const count = await this.takenBack();
      await this.#load();
      const at = this.list.findIndex((one) => one.messages.length > (before.get(one.name) ?? 0));
      if (at >= 0) this.look(at);
      return count;
    });
  }

  async seek() {
    await this.#sent(async () => (this.looking = await this.api.post(`${PATH}/topics/look`)));
  }

  async stop() {
    await this.#sent(() => this.api.delete(`${PATH}/topics/look`));
  }

  /** Take in how far a look is; what it found is read at its end. */
  told(looking) {
    this.looking = looking;
    if (!looking.running) this.load();
    this.changed();
  }

  #sent(asked) {
    return this.#next(async () => {
      try {
        await asked();
      } catch (refusal) {
        this.refuse(refusal);
        return false;
      } finally {
        await this.#load();
      }
      return true;
    });
  }

  #next(work) {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }
}
