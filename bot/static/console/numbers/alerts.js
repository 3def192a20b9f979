// What rose beyond its season: the alerts that nobody has looked at, and those before.

import { Part, define, html, nothing } from "../part.js";
import { ICONS } from "../icons.js";
import { when, whole } from "../time.js";
import { rise } from "../rises.js";

const AGAIN = 60_000; // milliseconds; bot/alerts.py looks as often
const EARLIER = 20; // shown of those that were looked at

class Alerts extends Part {
  static properties = { desk: {}, alerts: { state: true }, fault: { state: true } };

  constructor() {
    super();
    this.alerts = null;
    this.fault = "";
  }

  connectedCallback() {
    super.connectedCallback();
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.desk.live.addEventListener("line", ({ detail }) => detail.on && this.load(), { signal });
    this.desk.live.addEventListener("alert", () => this.load(), { signal });
    this.looking = setInterval(() => document.hidden || this.load(), AGAIN);
    this.load();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.looking);
    this.listening.abort();
  }

  async load() {
    try {
      this.alerts = (await this.desk.api.get("/api/v1/alerts")).alerts;
      this.fault = "";
    } catch (refusal) {
      this.fault = refusal.message;
    }
  }

  async #seen(alert) {
    try {
      const now = await this.desk.api.post(`/api/v1/alerts/${encodeURIComponent(alert.id)}/seen`);
      this.alerts = this.alerts.map((one) => (one.id === now.id ? now : one));
      this.updateComplete.then(() => this.querySelector("button, summary")?.focus());
    } catch (refusal) {
      this.desk.say(refusal.message);
    }
  }

  #titled = (topic) => this.desk.me.desk.intents.find(({ id }) => id === topic)?.title || topic;

  #alert(alert) {
    const open = alert.state === "open";
    return html`<li class="alert ${open ? "open" : ""}">
      <span class="mark">${open ? ICONS.low : nothing}</span>
      <div><p>${rise(alert, this.#titled)}</p>
        ${alert.examples.length ? html`<details><summary>${alert.examples.length === 1 ? "One typical message" : `${alert.examples.length} typical messages`}</summary>
          <ul>${alert.examples.map(({ text, conversation_id }) => html`<li><a href=${`/console/inbox/${encodeURIComponent(conversation_id)}?state=all`}><bdi>${text || "Its words are gone"}</bdi></a></li>`)}</ul></details>` : nothing}</div>
      <time datetime=${alert.at} title=${whole(alert.at)}>${when(alert.at)}</time>
      ${open ? (this.desk.may("operator") ? html`<button @click=${() => this.#seen(alert)}>Seen</button>` : nothing) : html`<span class="quiet">seen by <bdi>${alert.seen_by}</bdi></span>`}
    </li>`;
  }

  render() {
    if (this.fault) return html`<section class="alerts" aria-label="Alerts"><p role="alert">${this.fault}</p></section>`;
    if (!this.alerts) return nothing;
    const open = this.alerts.filter(({ state }) => state === "open");
    const before = this.alerts.filter(({ state }) => state !== "open").slice(0, EARLIER);
    return html`<section class="alerts" aria-label="Alerts">
      ${open.length ? html`<ul>${open.map((alert) => this.#alert(alert))}</ul>` : html`<p class="quiet">Nothing rises beyond its season now. A desk is watched from its third week on.</p>`}
      ${before.length ? html`<details class="before"><summary>Alerts that were seen <span class="count">${before.length}</span></summary><ul>${before.map((alert) => this.#alert(alert))}</ul></details>` : nothing}
    </section>`;
  }
}
define("desk-alerts", Alerts);
