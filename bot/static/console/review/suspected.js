// Labels that are probably wrong as the page has them: which are open, what is decided and on its way, undo.

import { Listed } from "./listed.js";

const PATH = "/api/v1/review/suspects";
const FETCHED = 100;

export class Suspected extends Listed {
  #sending = Promise.resolve(); // decisions go out one after another, so that undo takes back the last of them
  asked = true; // whether the serving Release looked for any

  /** Fetch what is open; what is in focus stays so. */
  async load() {
    try {
      await this.#sending;
      const page = await this.api.get(`${PATH}?limit=${FETCHED}`);
      const kept = this.current && key(this.current);
      this.list = page.suspects;
      this.at = Math.max(0, page.suspects.findIndex((one) => key(one) === kept));
      this.open = page.open;
      this.asked = page.known;
      this.fault = "";
    } catch (refusal) {
      this.fault = refusal.message;
    }
    this.known = true;
    this.changed();
  }

  /** Say what the one in focus means, its own label again for right as it is, and go on at once. */
  decide(meant) {
    const one = this.current;
    this.list = this.list.filter((other) => other !== one);
    this.open = Math.max(0, this.open - 1);
    this.look(this.at);
    this.#sending = this.#sending.then(() => this.#sent(one, meant));
    if (!this.list.length && this.open) this.load();
  }

  async #sent(one, meant) {
    try {
      await this.api.post(PATH, { text: one.text, intent: one.intent, meant });
    } catch (refusal) {
      if (refusal.status !== 409 || refusal.code !== "conflict") this.#back(one);
      this.refuse(refusal);
    }
    this.changed();
  }

  #back(one) {
    this.list = [one, ...this.list];
    this.open += 1;
    this.at = 0;
  }

  /** Take back the last decision; returns how many it was about, and has what is open again in focus. */
  async undo() {
    await this.#sending;
    const before = new Set(this.list.map(key));
    const count = await this.takenBack();
    await this.load();
    const at = this.list.findIndex((one) => !before.has(key(one)));
    if (at >= 0) this.look(at);
    return count;
  }
}

export const key = ({ text, intent }) => `${intent} ${text}`;
