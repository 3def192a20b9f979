/** Where the visitor writes: words, files by button, paste or drop, and Enter that an input method may keep. */

import { h, icon } from "./dom.js";
import { Uploads } from "./uploads.js";

const MAX_TEXT = 4096; // code points; the server's limit
const TALLEST = 132; // px

export class Composer {
  #t;
  #does; // say(text, files), trouble(sentence), typing(on), token()

  constructor(t, server, does) {
    this.#t = t;
    this.#does = does;
    this.uploads = new Uploads(t, server, does, () => this.#changed());
    const write = t("Write a message");
    this.input = h("textarea", {
      rows: "1", dir: "auto", enterkeyhint: "send", autocomplete: "off", "aria-label": write, placeholder: write,
      oninput: () => this.#typed(), onkeydown: (event) => this.#key(event), onpaste: (event) => this.#paste(event),
    });
    this.picker = h("input", { type: "file", multiple: true, hidden: true, onchange: () => this.#picked() });
    this.sendButton = h("button.round.send", { "aria-label": t("Send"), disabled: true, onclick: () => this.submit() }, icon("send"));
    this.element = h("div.composer",
      this.uploads.element,
      h("div.row", { onclick: (event) => event.target === event.currentTarget && this.input.focus() },
        h("button.round", { "aria-label": t("Attach a file"), onclick: () => this.picker.click() }, icon("clip")),
        this.picker, this.input, this.sendButton));
  }

  fill(text) {
    this.input.value = text;
    this.#changed();
  }

  /** Let files be dropped anywhere on this element. */
  takeDrops(element) {
    const carries = (event) => event.dataTransfer?.types.includes("Files");
    const over = (is) => (event) => {
      if (!carries(event)) return;
      event.preventDefault();
      element.classList.toggle("over", is);
      if (event.type === "drop") this.uploads.add(event.dataTransfer.files);
    };
    element.addEventListener("dragover", over(true));
    element.addEventListener("dragleave", over(false));
    element.addEventListener("drop", over(false));
  }

  submit() {
    const text = this.input.value.trim();
    const files = this.uploads.arrived;
    if ((!text && !files.length) || this.uploads.running) return;
    const over = [...text].length - MAX_TEXT;
    if (over > 0) return void this.#does.trouble(this.#t("That is {n} characters too long for one message.", { n: over }));
    this.uploads.clear();
    this.fill("");
    this.#does.say(text, files);
  }

  #typed() {
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
    if (!files.length) return;
    event.preventDefault();
    this.uploads.add(files);
  }

  #picked() {
    this.uploads.add(this.picker.files);
    this.picker.value = ""; // the same file can be chosen again
    this.input.focus();
  }

  #changed() {
    const { input } = this;
    this.sendButton.disabled = this.uploads.running || (!input.value.trim() && !this.uploads.arrived.length);
    input.style.blockSize = "auto";
    input.style.blockSize = `${Math.min(input.scrollHeight, TALLEST)}px`;
  }
}
