// One person, in a dialog: added, or given another role or password, kept out, helped with a lost phone, signed out everywhere.

import { Part, define, html, live, nothing } from "../part.js";
import { whole } from "../time.js";
import { ROLES, signedIn } from "./words.js";

class Person extends Part {
  static properties = { desk: {}, role: { state: true }, user: { state: true }, made: { state: true }, said: { state: true }, told: { state: true }, sure: { state: true }, busy: { state: true } };

  constructor() {
    super();
    this.#begin(null);
  }

  #begin(user) {
    this.user = user; // null is somebody new
    this.role = user?.role ?? "operator"; // the one that is picked
    this.made = this.said = this.told = this.sure = "";
    this.busy = false;
  }

  async open(user) {
    this.#begin(user);
    await this.updateComplete;
    const dialog = this.querySelector("dialog");
    const name = dialog.querySelector("[name=name]");
    if (name) name.value = "";
    dialog.showModal();
  }

  get #path() {
    return `/api/v1/users/${encodeURIComponent(this.user.name)}`;
  }

  /** Ask the server; what it made is shown this once, what it refuses is said. */
  async #ask(path, body, told) {
    if (this.busy) return;
    this.busy = true;
    this.said = this.told = this.sure = "";
    try {
      const { password = "", ...user } = await this.desk.api.post(path, body);
      this.made = password || this.made;
      this.user = { sessions: [], ...this.user, ...user, ...(this.user && { sessions: [] }) };
      this.role = this.user.role;
      this.told = told(user);
      this.tell("people");
    } catch (refusal) {
      this.said = refusal.message;
    } finally {
      this.busy = false;
    }
  }

  #add(event) {
    event.preventDefault();
    const name = new FormData(event.target).get("name").trim();
    this.#ask("/api/v1/users", { name, role: this.role }, (user) => `${user.name} may sign in at /console.`);
  }

  #change(body, told) {
    const own = this.user.name === this.desk.me.name;
    if (own && this.sure !== told) return void (this.sure = told); // it signs oneself out: asked once more
    this.#ask(this.#path, body, () => told);
  }

  #roles() {
    return html`<fieldset><legend>Role</legend>${ROLES.map(([role, words, may]) => html`<label class="check"><input type="radio" name="role" value=${role}
      .checked=${live(role === this.role)} @change=${() => (this.role = role)}> <span>${words} <span class="quiet">${may}</span></span></label>`)}</fieldset>`;
  }

  #made() {
    return html`<section class="made"><p>The password, shown this once:</p>
      <p><code>${this.made}</code> <button @click=${() => navigator.clipboard?.writeText(this.made).then(() => (this.told = "Copied."))}>Copy</button></p>
      <p class="quiet">Give it to <bdi>${this.user.name}</bdi> in a way that nobody else reads; they change it once they are in.</p></section>`;
  }

  #deed(words, body, told, why = "") {
    return html`<div class="deed"><span class="quiet">${why}</span><button ?disabled=${this.busy} @click=${() => this.#change(body, told)}>${this.sure === told ? "Really, it signs you out" : words}</button></div>`;
  }

  #deeds() {
    const { name, disabled, second_factor: factor, sessions } = this.user;
    const { role } = this;
    return html`${this.#roles()}
      <section aria-label="What can be done">
        ${role === this.user.role ? nothing : this.#deed("Give this role", { role }, `${name} is ${role} now, and signs in anew.`)}
        ${this.#deed("New password", { generate: true }, `${name} has a new password, and is signed out everywhere.`, "Made and shown once")}
        ${factor ? this.#deed("Second factor off", { second_factor: false }, `${name} signs in with the password alone.`, "Where the phone and the codes are lost") : nothing}
        ${sessions.length ? this.#deed("Sign out everywhere", { sessions: "end" }, `${name} is signed out everywhere.`, `Signed in at ${signedIn(this.user)}, since ${whole(sessions.at(-1).begun)}`) : nothing}
        ${disabled
          ? this.#deed("Let in again", { disabled: false }, `${name} may sign in again.`, "Kept out now")
          : this.#deed("Keep out", { disabled: true }, `${name} is kept out.`, "At once; the name stays in what they did")}
      </section>`;
  }

  #new() {
    return html`<form @submit=${this.#add}>
      <label class="field">Name <input name="name" autofocus required maxlength="64" autocomplete="off" spellcheck="false"></label>
      ${this.#roles()}
      <p class="quiet">A password is made, and shown once.</p>
      <button class="primary" ?disabled=${this.busy}>Add</button></form>`;
  }

  render() {
    const title = this.user ? this.user.name : "Add somebody";
    return html`<dialog class="sheet person" aria-labelledby="person-title" @close=${() => (this.made = "")}>
      <header><h2 id="person-title"><bdi>${title}</bdi></h2><button @click=${() => this.querySelector("dialog").close()}>Close</button></header>
      ${this.made ? this.#made() : nothing}
      <p class="told" role="status">${this.told}</p><p class="refusal" role="alert">${this.said}</p>
      ${this.user ? this.#deeds() : this.#new()}</dialog>`;
  }
}
define("desk-person", Person);
