/** Where the visitor writes: words, files by button, paste or drop, and Enter that an input method may keep. */

import { h, icon } from "./dom.js";

const TALLEST = 132; // px

export class Composer {
  #t;
  #does; // say(text, files), sorry(), trouble(sentence, code), fault(sentence, code), typing(on), pass(), part(name)
  #server;
  #chips = h("ul.uploads");
  #awaited; // whether what is written is to be sent with its files as soon as they have arrived

  constructor(t, server, does) {
    this.#t = t;
    this.#does = does;
    this.#server = server;
    const write = t("Write a message");
    this.input = h("textarea", {
      rows: "1", dir: "auto", enterkeyhint: "send", autocomplete: "off", "aria-label": write, placeholder: write,
      oninput: () => this.#typed(), onkeydown: (event) => this.#key(event), onpaste: (event) => this.#paste(event),
    });
    this.picker = h("input", { type: "file", multiple: true, hidden: true, onchange: () => this.#picked() });
    this.sendButton = h("button.round.send", { "aria-label": t("Send"), disabled: true, onclick: () => this.submit() }, icon("send"));
    this.element = h("div.composer",
      this.#chips,
      h("div.row", { onclick: (event) => event.target === event.currentTarget && this.input.focus() },
        h("button.round", { "aria-label": t("Attach a file"), onclick: () => this.picker.click() }, icon("clip")),
        this.picker, this.input, this.sendButton));
  }

  /** Take files along; what is behind it is fetched with the first. */
  async attach(given) {
    const files = [...given]; // before the browser empties the list
    if (!files.length) return;
    const part = await this.#does.part("uploads");
    if (part) this.uploads ??= new part.Uploads(this.#chips, this.#t, this.#server, this.#does, (arrived) => this.#uploaded(arrived));
    else this.#does.sorry();
    this.uploads?.add(files);
  }

  fill(text) {
    this.input.value = text;
    this.#await(false);
    this.#changed();
  }

  submit() {
    const text = this.input.value.trim();
    const files = this.uploads?.arrived;
    this.#await(this.uploads?.running);
    if (this.#awaited || !this.#does.say(text, files)) return;
    this.uploads?.clear();
    this.fill("");
  }

  #await(is) {
    this.#awaited = is;
    this.sendButton.ariaBusy = Boolean(is);
  }

  /** What is said goes with all its files: where one is taken away, added or refused, it waits for the visitor once more. */
  #uploaded(arrived) {
    this.#await(this.#awaited && arrived);
    this.#changed();
    if (this.#awaited && !this.uploads.running) this.submit();
  }

  #typed() {
    this.#await(false);
    this.#changed();
    this.#does.typing(Boolean(this.input.value));
  }

  #key(event) {
    // Enter that ends a composition (Chinese, Japanese, ...) belongs to the input method; 229 is Safari's word for it
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.submit();
  }

  #paste(event) {
    const { files } = event.clipboardData;
    if (files.length) event.preventDefault();
    this.attach(files);
  }

  #picked() {
    this.attach(this.picker.files);
    this.picker.value = ""; // the same file can be chosen again
    this.input.focus();
  }

  #changed() {
    const { input } = this;
    this.sendButton.disabled = !(input.value.trim() || this.uploads?.running || this.uploads?.arrived.length);
    input.style.blockSize = "auto";
    input.style.blockSize = `${Math.min(input.scrollHeight, TALLEST)}px`;
  }
}
