/** Files on their way to the desk: each a chip above the words, with its progress, or with why it could not be taken. */

import { h, icon } from "../dom.js";
import { LOOKS as CARDS, card, size } from "./cards.js";

export const LOOKS = `${CARDS}
.uploads { display: grid; gap: 6px; padding: 4px; list-style: none; max-block-size: 180px; overflow-y: auto }
.uploads:empty { display: none }
.upload { padding-inline-end: 4px; border-radius: 20px }
.refused { border-color: var(--bad) }
.refused small { color: var(--bad) }
progress { inline-size: 100%; block-size: 6px; accent-color: var(--link) }
`;

const MAX_FILE = 10_000_000; // bytes; the server's limit
const MAX_FILES = 10; // with one message; the server's limit
const LATER = "That did not work just now. Please try again in a moment.";
/** What is said by the problem's code; a code that is not here brings its own sentence. */
const REFUSED = {
  empty: "{name} is empty.", too_long: "{name} is larger than 10 MB.", wrong_type: "Files of this kind cannot be sent here.", too_many: "No more files fit into one day.",
  rate_limited: LATER, busy: LATER, timeout: LATER, storage_unavailable: LATER, restarting: LATER,
};

export class Uploads {
  #t;
  #server;
  #pass; // () => a promise of the headers that say who the visitor is, kept when the line is up
  #trouble; // (sentence, code) says it
  #fault; // (sentence, code) tells the page
  #changed;
  #chips = new Map(); // chip -> { request, file }

  constructor(element, t, server, { pass, trouble, fault }, changed) {
    this.element = element; // the list that the chips are in
    this.#t = t;
    this.#server = server;
    this.#pass = pass;
    this.#trouble = trouble;
    this.#fault = fault;
    this.#changed = changed;
  }

  /** The files that have arrived, as the server described them. */
  get arrived() {
    return [...this.#chips.values()].map(({ file }) => file).filter(Boolean);
  }

  /** The files themselves, but for those that were refused. */
  get files() {
    return [...this.#chips.values()].flatMap(({ given }) => given ?? []);
  }

  get running() {
    return [...this.#chips.values()].some(({ request, file }) => request && !file);
  }

  add(files) {
    for (const file of files) {
      if (this.#chips.size < MAX_FILES) this.#begin(file);
      else this.#trouble(this.#t("No more than 10 files fit into one message."), "too_many_at_once");
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
    const chip = h("li.upload", ...card(file.name, line, bar), remove);
    this.#chips.set(chip, {});
    this.element.append(chip);
    if (file.size > MAX_FILE) this.#refuse(chip, t("{name} is larger than 10 MB.", { name: file.name }), "too_long");
    else if (file.arrived) this.#arrive(chip, file); // before the panel was made anew
    else this.#send(chip, file, bar);
    this.#changed();
  }

  async #send(chip, file, bar) {
    const request = new XMLHttpRequest(); // fetch tells nothing of an upload's progress
    this.#chips.set(chip, { request, given: file });
    const pass = await this.#pass();
    if (!this.#chips.has(chip)) return;
    const form = new FormData();
    form.append("file", file, file.name);
    request.open("POST", new URL("files", this.#server));
    request.responseType = "json";
    for (const [name, value] of Object.entries(pass)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => (bar.value = loaded / total);
    request.onload = () => this.#done(chip, file, request);
    request.onerror = () => this.#refuse(chip, this.#t("{name} could not be sent.", { name: file.name }), "unreachable", file);
    request.send(form);
  }

  #done(chip, file, { status, response }) {
    if (status >= 300 || !response?.id) {
      const why = status === 404 ? "Files cannot be sent here." : status !== 401 && (REFUSED[response?.code] ?? response?.detail);
      return this.#refuse(chip, this.#t(why || "{name} could not be sent.", { name: file.name }), response?.code ?? "failed", status >= 500 || /401|408|429/.test(status) ? file : null);
    }
    file.arrived = response;
    this.#arrive(chip, file);
    return this.#changed(true);
  }

  #arrive(chip, given) {
    chip.classList.add("arrived");
    chip.querySelector("progress").remove();
    this.#chips.set(chip, { given, request: true, file: given.arrived });
  }

  #refuse(chip, sentence, code, again) {
    this.#fault(sentence, code);
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
