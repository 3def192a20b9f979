// What whoever has the console open should know on whatever page: a line each, until it is hidden or settled.

import { Part, define, html, nothing } from "./part.js";
import { LATER } from "./api.js";
import { ICONS } from "./icons.js";
import { rise } from "./rises.js";
import { when, whole } from "./time.js";

const SHOWN = 3;
const DAY = 86_400_000; // milliseconds; an older alert is no news

class News extends Part {
  static properties = { desk: {}, page: {}, news: { state: true } };

  constructor() {
    super();
    this.news = [];
    this.aside = new Set();
  }

  connectedCallback() {
    super.connectedCallback();
    this.listening = new AbortController();
    const { signal } = this.listening;
    const { live } = this.desk;
    live.addEventListener("line", ({ detail }) => detail.on && this.#load(), { signal });
    const later = setTimeout(() => live.on || this.#load(), LATER); // where the line cannot be had
    signal.addEventListener("abort", () => clearTimeout(later));
    live.addEventListener("alert", ({ detail }) => this.#alert(detail.alert), { signal });
    live.addEventListener("let_go", ({ detail }) => this.#put({ id: `let-go-${detail.conversation_id}`, at: new Date().toISOString(), conversation: detail.conversation_id }), { signal });
    if (live.on) this.#load();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.listening.abort();
  }

  async #load() {
    try {
      const { alerts } = await this.desk.api.get("/api/v1/alerts");
      for (const alert of alerts.toReversed()) this.#alert(alert);
    } catch {
      // the page in view says so where the server cannot be asked
    }
  }

  #alert(alert) {
    const fresh = alert.state === "open" && Date.now() - Date.parse(alert.at) < DAY;
    if (fresh) this.#put({ id: alert.id, at: alert.at, alert });
    else this.#drop(alert.id);
  }

  #put(one) {
    if (this.aside.has(one.id)) return;
    this.news = [one, ...this.news.filter(({ id }) => id !== one.id)];
  }

  #drop(id) {
    this.news = this.news.filter((one) => one.id !== id);
  }

  #hide(one) {
    if (one.alert) this.aside.add(one.id); // a conversation may be let go of again
    this.#drop(one.id);
  }

  #titled = (topic) => this.desk.me.desk.intents.find(({ id }) => id === topic)?.title || topic;

  #words({ alert, conversation }) {
    if (alert) return html`<p>${rise(alert, this.#titled)}</p><a href="/console/numbers">Look at the numbers</a>`;
    return html`<p>You were away while a customer waited: a conversation of yours is open to everybody again</p><a href=${`/console/inbox/${encodeURIComponent(conversation)}`}>Look at it</a>`;
  }

  render() {
    const shown = this.news.filter(({ alert }) => !alert || this.page !== "numbers").slice(0, SHOWN); // which has them all
    if (!shown.length) return nothing;
    return html`<aside class="news" aria-label="News" aria-live="polite"><ul>${shown.map(
      (one) => html`<li>${one.alert ? ICONS.low : ICONS.clock}${this.#words(one)}<time datetime=${one.at} title=${whole(one.at)}>${when(one.at)}</time>
        <button class="plain" aria-label="Hide this" @click=${() => this.#hide(one)}>${ICONS.cross}</button></li>`,
    )}</ul></aside>`;
  }
}
define("desk-news", News);
