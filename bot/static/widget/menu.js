/** What is needed seldom: sound, the conversation as a file, Telegram. A button and what it discloses. */

import { h, icon } from "./dom.js";

export class Menu {
  #t;
  #does; // sound(on), save(), telegram() -> address
  #sound;
  #telegram;
  #link; // to Telegram, good for one use: in the button's place until the menu is closed

  constructor(t, does, sound) {
    this.#t = t;
    this.#does = does;
    const item = (picture, words, act, more = {}) => h("button.item", { ...more, onclick: act }, icon(picture), h("span", t(words)));
    this.#sound = item("sound", "Sound", () => this.#toggle(), { role: "switch", "aria-checked": String(sound) });
    this.#sound.append(h("span.switch", { "aria-hidden": "true" }));
    this.#telegram = item("plane", "Continue on Telegram", () => this.#toTelegram(), { hidden: true });
    this.button = h("button.quiet", { "aria-label": t("More"), "aria-expanded": "false", onclick: () => this.show(this.list.hidden) }, icon("more"));
    this.list = h("div.menu", { hidden: true }, this.#sound, item("save", "Download the conversation", () => this.#save()), this.#telegram);
    this.element = h("div.menu-place", { onfocusout: (event) => this.element.contains(event.relatedTarget) || this.show(false) }, this.button, this.list);
  }

  show(open) {
    this.list.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    const link = this.#link;
    if (!link) return;
    this.#telegram.hidden = false;
    this.#link = null; // first: the focus leaves what is removed, and that closes the menu
    link.remove();
  }

  /** Close it if it is open; returns whether it was. */
  leave() {
    if (this.list.hidden) return false;
    this.show(false);
    this.button.focus();
    return true;
  }

  set telegram(offered) {
    this.#telegram.hidden = !offered;
  }

  #toggle() {
    const on = this.#sound.getAttribute("aria-checked") !== "true";
    this.#sound.setAttribute("aria-checked", String(on));
    this.#does.sound(on);
  }

  #save() {
    this.leave();
    this.#does.save();
  }

  /** The link is made when it is asked for; where the browser opens no tab by itself, it stays to be tapped. */
  async #toTelegram() {
    const href = await this.#does.telegram();
    if (!href) return this.leave();
    const link = (this.#link = h("a.item", { href, target: "_blank", rel: "noopener noreferrer" }, icon("plane"), h("span", this.#t("Continue on Telegram"))));
    this.#telegram.after(link);
    link.focus();
    this.#telegram.hidden = true;
    return link.click();
  }
}
