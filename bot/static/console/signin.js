// Signing in: name, password, and the second factor once the server asks for it.

import { Part, define, html, nothing } from "./part.js";

class SignIn extends Part {
  static properties = { api: {}, code: { state: true }, said: { state: true }, busy: { state: true } };

  constructor() {
    super();
    this.code = this.busy = false;
    this.said = "";
  }

  firstUpdated() {
    this.querySelector("[name=name]").focus();
  }

  async #enter(event) {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(event.target));
    this.busy = true;
    this.said = "";
    try {
      await this.api.post("/console/login", { ...given, code: (given.code ?? "").replaceAll(" ", "") });
      this.tell("signed-in");
    } catch (refusal) {
      this.code ||= refusal.code === "code_needed";
      this.said = refusal.message;
      await this.updateComplete;
      if (refusal.code === "code_needed") this.querySelector("[name=code]").focus();
    } finally {
      this.busy = false;
    }
  }

  render() {
    return html`<main class="signin">
      <form @submit=${this.#enter}>
        <h1>Sign in</h1>
        <label>Name <input name="name" autocomplete="username" autocapitalize="none" spellcheck="false" required></label>
        <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
        ${this.code
          ? html`<label>Code <input name="code" inputmode="numeric" autocomplete="one-time-code" aria-describedby="code-help"></label>
              <p class="quiet" id="code-help">Six digits from your authenticator app, or a recovery code.</p>`
          : nothing}
        <p class="refusal" role="alert">${this.said}</p>
        <button class="primary" ?disabled=${this.busy}>Sign in</button>
        <p class="quiet">Whoever runs this server makes accounts: <code>frontdesk users add NAME</code></p>
      </form>
    </main>`;
  }
}
define("desk-sign-in", SignIn);
