// Files that go with a reply: chosen, pasted or dropped, sent to the server at once, and named in the message by their ids.

import { Part, define, html, nothing, repeat } from "../part.js";
import { ICONS } from "../icons.js";
import { sent, sized } from "../sending.js";

const LARGEST = 10 * 2 ** 20; // bytes; bot/channels/file_uploads.py
const TOGETHER = 10; // of one message; bot/channels/conversations_api.py

/** Why a file is not even sent, empty where it may be. */
export function refused({ size }, there) {
  if (there >= TOGETHER) return `A message takes ${TOGETHER} files.`;
  if (!size) return "The file is empty.";
  return size > LARGEST ? `A file may have ${LARGEST / 2 ** 20} MB at most.` : "";
}

class Enclosing extends Part {
  static properties = { api: {}, conversation: {}, files: { state: true } };

  constructor() {
    super();
    this.files = [];
    this.kept = new Map(); // those of the conversations that are not looked at now
    this.last = Promise.resolve(); // one after the other: the server reads a few at a time, of everybody
  }

  willUpdate(changed) {
    if (!changed.has("conversation")) return;
    this.kept.set(changed.get("conversation"), this.files);
    this.files = this.kept.get(this.conversation) ?? [];
  }

  updated(changed) {
    if (changed.has("files")) this.tell("enclosed");
  }

  /** The ids of the files that are there, to go with a message. */
  get ids() {
    return this.files.flatMap(({ id }) => (id ? [id] : []));
  }

  get busy() {
    return this.files.some(({ id, why }) => !id && !why);
  }

  /** Those of a conversation went with a message. */
  clear(conversation) {
    this.kept.delete(conversation);
    if (conversation === this.conversation) this.files = [];
  }

  choose() {
    this.querySelector("input").click();
  }

  take(list) {
    for (const file of list) this.#begin(file);
  }

  #begin(file) {
    const one = { file, name: file.name || "Picture", done: 0, why: refused(file, this.files.length), id: "", stop: new AbortController() };
    this.files = [...this.files, one];
    if (!one.why) this.last = this.last.then(() => this.#send(one));
  }

  async #send(one) {
    if (one.stop.signal.aborted) return;
    try {
      one.id = (await sent("/api/v1/files", one.file, this.api.csrf, (done) => this.#changed(one, { done }), one.stop.signal)).id;
    } catch (error) {
      one.why = error.message;
    }
    this.#changed(one, {});
  }

  #changed(one, fields) {
    Object.assign(one, fields);
    if (this.files.includes(one)) this.files = [...this.files];
  }

  #drop(one) {
    one.stop.abort();
    this.files = this.files.filter((other) => other !== one);
  }

  #how({ id, why, done, file }) {
    if (why) return html`<span class="refusal" role="alert">${why}</span>`;
    if (id) return html`<span class="quiet">${sized(file.size)}</span>`;
    return html`<progress max="1" .value=${done} aria-label=${`Sending ${file.name}`}></progress><span class="quiet">${Math.round(100 * done)} %</span>`;
  }

  render() {
    return html`<input type="file" multiple hidden aria-label="Files for the customer" @change=${({ target }) => { this.take(target.files); target.value = ""; }}>
      ${this.files.length
        ? html`<ul class="enclosed" aria-label="Files with this reply">${repeat(this.files, (one) => one, (one) => html`<li>${ICONS.file}<bdi class="cut">${one.name}</bdi>${this.#how(one)}
            <button class="plain" aria-label=${`Take ${one.name} out`} @click=${() => this.#drop(one)}>${ICONS.cross}</button></li>`)}</ul>`
        : nothing}`;
  }
}
define("desk-enclosing", Enclosing);
