// The sheet of keys: what each does, another one for it, or none at all.

import { Part, define, html, nothing } from "./part.js";
import { named, shown } from "./keys.js";

class Sheet extends Part {
  static properties = { keys: {}, changing: { state: true }, said: { state: true } };

  constructor() {
    super();
    this.changing = this.said = "";
  }

  async open() {
    this.changing = this.said = "";
    this.requestUpdate();
    await this.updateComplete;
    this.querySelector("dialog").showModal();
  }

  #prefer(preferred) {
    this.keys.prefer(preferred);
    this.tell("prefer", { keys: preferred });
    this.requestUpdate();
  }

  #pressed(event) {
    const key = named(event);
    if (!this.changing || !key || key === "Tab") return;
    event.preventDefault();
    const id = this.changing;
    this.changing = "";
    if (key === "Escape") return;
    const taken = this.keys.commands.find((one) => one.key === key && one.id !== id);
    if (taken) this.said = `${shown(key)} is the key of \u201c${taken.title}\u201d: give that another one first.`;
    else this.#prefer({ ...this.keys.preferred, own: { ...this.keys.preferred.own, [id]: key } });
  }

  #row(command) {
    const waiting = this.changing === command.id;
    return html`<tr><th scope="row">${command.title}</th>
      <td><kbd>${command.key ? shown(command.key) : "none"}</kbd></td>
      <td><button @click=${() => { this.changing = command.id; this.said = ""; }} aria-label=${`Change the key of ${command.title}`}>
        ${waiting ? "Press a key" : "Change"}</button></td></tr>`;
  }

  render() {
    if (!this.keys) return nothing;
    const commands = this.keys.commands.filter(({ id }) => !id.startsWith("once-"));
    return html`<dialog class="sheet" aria-labelledby="sheet-title" closedby="any" @keydown=${this.#pressed}>
      <header><h2 id="sheet-title">Keys</h2>
        <button @click=${() => this.querySelector("dialog").close()}>Close</button></header>
      <label class="check"><input type="checkbox" .checked=${!this.keys.off}
        @change=${(event) => this.#prefer({ ...this.keys.preferred, off: !event.target.checked })}> Single keys do something</label>
      <table><tbody>${commands.map((command) => this.#row(command))}</tbody></table>
      <p class="refusal" role="alert">${this.said}</p>
      <button @click=${() => this.#prefer({ own: {}, off: false })}>The usual keys again</button>
    </dialog>`;
  }
}
define("desk-sheet", Sheet);
