/** Files on their way to the desk: each a chip above the words, with its progress, or with why it could not be taken. */

import { h, icon } from "./dom.js";
import { size } from "./message.js";

const MAX_FILE = 10_000_000; // bytes; the server's limit
const MAX_FILES = 10; // with one message; the server's limit

export class Uploads {
  #t;
  #server;
  #token; // () => a promise of the visitor's secret, kept when the line is up
  #trouble; // says a sentence
  #changed;
  #chips = new Map(); // chip -> { request, file }

  constructor(t, server, { token, trouble }, changed) {
    this.#t = t;
    this.#server = server;
    this.#token = token;
    this.#trouble = trouble;
    this.#changed = changed;
    this.element = h("ul.uploads");
  }

  /** The files that have arrived, as the server described them. */
  get arrived() {
    return [...this.#chips.values()].map(({ file }) => file).filter(Boolean);
  }

  get running() {
    return [...this.#chips.values()].some(({ request, file }) => request && !file);
  }

  add(files) {
    for (const file of files) {
      if (this.#chips.size < MAX_FILES) this.#begin(file);
      else this.#trouble(this.#t("No more than 10 files fit into one message."));
    }
  }

  clear() {
    for (const chip of [...this.#chips.keys()]) this.#drop(chip);
  }

  #begin(file) {
    const t = this.#t;
    const line = h("small", size(t.locale, file.size));
    const bar = h("progress", { max: "1", value: "0", "aria-label": file.name });
    const remove = h("button.round", { "aria-label": t("Remove {name}", { name: file.name }), onclick: () => this.#drop(chip) }, icon("close"));
    const chip = h("li.upload", h("span.card-icon", icon("file")), h("span.card-text", h("bdi", file.name), line, bar), remove);
    this.#chips.set(chip, {});
    this.element.append(chip);
    if (file.size > MAX_FILE) this.#refuse(chip, t("{name} is larger than 10 MB.", { name: file.name }));
    else this.#send(chip, file, bar);
    this.#changed();
  }

  async #send(chip, file, bar) {
    const request = new XMLHttpRequest(); // fetch tells nothing of an upload's progress
    this.#chips.set(chip, { request });
    const token = await this.#token();
    if (!this.#chips.has(chip)) return;
    const form = new FormData();
    form.append("file", file, file.name);
    request.open("POST", new URL("files", this.#server));
    request.responseType = "json";
    request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.upload.onprogress = ({ loaded, total }) => (bar.value = loaded / total);
    request.onload = () => this.#done(chip, file, request);
    request.onerror = () => this.#refuse(chip, this.#t("{name} could not be sent.", { name: file.name }), file);
    request.send(form);
  }

  #done(chip, file, { status, response }) {
    if (status >= 300 || !response?.id) {
      const sentence = status === 404 ? this.#t("Files cannot be sent here.") : this.#t((status !== 401 && response?.detail) || "{name} could not be sent.", { name: file.name });
      return this.#refuse(chip, sentence, status >= 500 || /401|408|429/.test(status) ? file : null);
    }
    chip.classList.add("arrived");
    chip.querySelector("progress").remove();
    this.#chips.set(chip, { request: true, file: response });
    return this.#changed();
  }

  #refuse(chip, sentence, again) {
    chip.classList.add("refused");
    chip.querySelector("progress")?.remove();
    const line = chip.querySelector("small");
    line.setAttribute("role", "alert");
    line.textContent = sentence;
    if (again) line.append(" ", h("button.small", { onclick: () => { this.#drop(chip); this.#begin(again); } }, this.#t("Try again")));
    this.#chips.set(chip, {});
    this.#changed();
  }

  #drop(chip) {
    const { request } = this.#chips.get(chip) ?? {};
    this.#chips.delete(chip);
    if (request?.abort) request.abort();
    chip.remove();
    this.#changed();
  }
}
