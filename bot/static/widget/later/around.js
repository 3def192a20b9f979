/** What the panel does about the page and the device around it: the keyboard on a screen covers nothing, nothing that is being written is lost with a page, files can be dropped. */

import { attempt } from "../attempt.js";
import { NARROW } from "../style.js";

const KEYBOARD = 60; // px; what covers less of the page is a bar of the browser's
const MARGIN = 48; // px above and below the panel where it does not cover the page, see style.js

let last = null; // what the panel held before this one, on the same page

let hinted = false;

/** Browsers do not say why a line cannot be had: where the desk does not allow this page, say once to whoever makes it what to change. */
export async function hint(server) {
  const answer = await fetch(new URL("ws", server)).catch(() => null); // which tells as much over plain HTTP
  if (answer?.status !== 403 || hinted) return;
  hinted = true;
  console.warn(`Frontdesk: this desk talks to no page of ${location.origin}. Its allowed_origins (desk.toml) say to which it does.`);
}

export class Around {
  #panel;
  #store;
  #ended = new AbortController();

  constructor(panel, store) {
    this.#panel = panel;
    this.#store = store;
    this.#hear(window, "pagehide", () => this.#keep());
    this.#hear(window, "pageshow", ({ persisted }) => persisted && this.#back());
    this.#hear(document, "visibilitychange", () => (document.visibilityState === "hidden" ? this.#keep() : this.#back()));
    this.#hear(matchMedia(NARROW), "change", ({ matches }) => (panel.element.ariaModal = matches));
    for (const type of ["resize", "scroll"]) this.#hear(visualViewport, type, () => this.#fit());
    for (const type of ["dragover", "dragleave", "drop"]) this.#hear(panel.element, type, (event) => this.#dragged(event));
  }

  /** Go on with what was being written on the page before, or in the language before, if it is this visitor's. */
  recall() {
    const [kept, files] = [this.#kept(), last?.files ?? []];
    if (!kept || (kept.owner ?? "") !== (this.#store.owner ?? "")) return;
    const { composer } = this.#panel;
    this.#drop();
    if (composer.input.value || composer.uploads?.files.length) return; // they have begun anew
    composer.fill(kept.text);
    composer.attach(files);
  }

  /** The panel leaves the page: the next one goes on. */
  end() {
    this.#keep();
    this.#panel.composer.uploads?.clear();
    this.#ended.abort();
  }

  /** Browsers lay the keyboard of a screen over the page, and the composer would be under it. What is magnified is left alone. */
  #fit() {
    const { height, offsetTop, scale } = visualViewport;
    const { style } = this.#panel.element;
    const covers = scale < 1.1 && innerHeight - height > KEYBOARD;
    const fills = matchMedia(NARROW).matches;
    style.maxBlockSize = covers ? `${height - (fills ? 0 : MARGIN)}px` : "";
    style.translate = covers ? `0 ${fills ? offsetTop : offsetTop + height - innerHeight}px` : "";
  }

  #hear(target, name, act) {
    target.addEventListener(name, act, this.#ended);
  }

  get #key() {
    return `${this.#store.prefix}draft`;
  }

  /** What is kept for the next page, in this tab alone; where the browser keeps nothing for us, it lasts as long as the page. */
  #kept() {
    return attempt(() => sessionStorage) ? attempt(() => JSON.parse(sessionStorage.getItem(this.#key))) : last;
  }

  #keep() {
    const { input, uploads } = this.#panel.composer;
    last = { owner: this.#store.owner, text: input.value, files: uploads?.files ?? [] };
    if (last.text || last.files.length) attempt(() => sessionStorage.setItem(this.#key, JSON.stringify({ ...last, files: [] })));
    else this.#drop();
  }

  /** The visitor is here again. */
  #back() {
    this.#drop();
    this.#panel.look();
  }

  #drop() {
    last = null;
    attempt(() => sessionStorage.removeItem(this.#key));
  }

  /** Let files be dropped anywhere on the panel. */
  #dragged(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.#panel.element.classList.toggle("over", event.type === "dragover");
    this.#panel.composer.attach(event.dataTransfer.files); // empty until they are dropped
  }
}
