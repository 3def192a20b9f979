// People: who may sign in, what is done about them, and who changed what.

import { Part, html, nothing, repeat } from "../part.js";
import { query } from "../api.js";
import { whole } from "../time.js";
import { lastSeen, role, signedIn } from "../people/words.js";
import { styled } from "../styles.js";
import "../people/audit.js";
import "../people/person.js";

await styled(new URL("../people/people.css", import.meta.url));

export const tag = "desk-people";
export const title = "People";

export class Page extends Part {
  static properties = { desk: {}, route: {}, users: { state: true }, said: { state: true }, version: { state: true } };

  constructor() {
    super();
    this.users = null;
    this.said = "";
    this.version = 0; // of what the audit log may say by now
  }

  connectedCallback() {
    super.connectedCallback();
    this.listening = new AbortController();
    const { signal } = this.listening;
    this.addEventListener("people", () => this.#load(), { signal });
    this.addEventListener("narrow", ({ detail }) => this.desk.go(`/console/people${query(detail)}`, { replace: true }), { signal });
    this.desk.keys.offer(this, [
      { id: "add-person", title: "Add somebody", key: "n", run: () => this.#open(null) },
      { id: "search-audit", title: "Search the audit log", key: "/", run: () => this.querySelector("input[name=q]").focus() },
    ]);
    if (this.desk.may("admin")) this.#load();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.listening.abort();
    this.desk.keys.withdraw(this);
  }

  async #load() {
    try {
      this.users = (await this.desk.api.get("/api/v1/users")).users;
      this.version += 1;
      this.said = "";
    } catch (refusal) {
      this.said = refusal.message;
    }
  }

  #open(user) {
    this.querySelector("desk-person").open(user);
  }

  get #filter() {
    const { query: asked } = this.route;
    return { who: asked.get("who") ?? "", q: asked.get("q") ?? "" };
  }

  #row(user) {
    const now = Date.now();
    return html`<tr class=${user.disabled ? "out" : ""}><th scope="row"><bdi>${user.name}</bdi>${user.name === this.desk.me.name ? html` <span class="quiet">you</span>` : nothing}
        ${user.disabled ? html`<span class="badge">Kept out</span>` : nothing}</th>
      <td>${role(user.role)}</td>
      <td>${user.second_factor ? "On" : html`<span class=${user.role === "admin" && !user.disabled ? "warn" : "quiet"}>Off</span>`}</td>
      <td><span title=${user.last_seen ? whole(user.last_seen) : ""}>${lastSeen(user, now)}</span></td>
      <td class=${user.sessions.length ? "" : "quiet"}>${signedIn(user)}</td>
      <td class="act"><button @click=${() => this.#open(user)} aria-label=${`Change ${user.name}`}>Change</button></td></tr>`;
  }

  #people() {
    if (this.said) return html`<p class="refusal" role="alert">${this.said}</p>`;
    if (!this.users) return nothing;
    const unsafe = this.users.filter((one) => one.role === "admin" && !one.disabled && !one.second_factor);
    return html`<div class="wide" tabindex="0" role="region" aria-label="Who may sign in"><table>
        <thead><tr><th scope="col">Name</th><th scope="col">Role</th><th scope="col">Second factor</th><th scope="col">Last seen</th><th scope="col">Signed in</th><th scope="col"><span class="hidden">What can be done</span></th></tr></thead>
        <tbody>${repeat(this.users, ({ name }) => name, (user) => this.#row(user))}</tbody></table></div>
      ${unsafe.length ? html`<p class="quiet">${unsafe.map(({ name }) => name).join(", ")} ${unsafe.length > 1 ? "decide" : "decides"} about people with a password alone: a second factor is safer.</p>` : nothing}`;
  }

  render() {
    if (!this.desk.may("admin")) return html`<section class="coming"><h1>People</h1><p>Who may sign in is for admins to see and to decide.</p></section>`;
    return html`<div class="people">
      <section><header><h1>People</h1><button class="primary" @click=${() => this.#open(null)}>Add somebody</button></header>${this.#people()}</section>
      <desk-audit .desk=${this.desk} .filter=${this.#filter} .names=${(this.users ?? []).map(({ name }) => name)} .version=${this.version}></desk-audit>
      <desk-person .desk=${this.desk}></desk-person></div>`;
  }
}
