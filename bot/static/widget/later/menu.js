/** What is needed seldom: sound, the conversation as a file, Telegram. What the button "More" discloses. */

import { drawing, h } from "../dom.js";

export const LOOKS = `
.menu { position: absolute; inset-inline-end: 0; inline-size: max-content; max-inline-size: 300px; padding: 6px; border-radius: 14px; background: var(--surface); box-shadow: var(--shadow) }
.panel .item { display: flex; align-items: center; gap: 12px; inline-size: 100%; min-block-size: 44px; padding-inline: 12px; border-radius: 10px; font-size: 14.5px; color: var(--ink); text-decoration: none }
.panel .item:hover { background: var(--bubble) }
.switch { inline-size: 36px; margin-inline-start: auto; border-radius: 11px; background: var(--edge); padding: 3px }
.switch::before { content: ""; display: block; inline-size: 16px; block-size: 16px; border-radius: 8px; background: var(--surface); transition: margin .15s }
[aria-checked="true"] .switch { background: var(--link) }
[aria-checked="true"] .switch::before { margin-inline-start: 14px }
@media (forced-colors: active) { .menu, .switch { border: 1px solid CanvasText } [aria-checked="true"] .switch { background: Highlight; forced-color-adjust: none } }
`;
const SOUND = "M5 10v4h3l4 3.5v-11L8 10H5ZM15.5 9.5a3.5 3.5 0 0 1 0 5M17.8 7a7 7 0 0 1 0 10";
const SAVE = "M12 4.5v10.5M7.5 11l4.5 4.5 4.5-4.5M5 19.5h14";
const PLANE = "M20 4.5L3.5 11l5.5 2.5L18 7l-6.5 8 6 4.5L20 4.5Z";

export class Menu {
  #t;
  #button;
  #server;
  #does; // hasTelegram(), pass(), setSound(on), sorry(), title()
  #sound;
  #telegram;
  #link; // to Telegram, good for one use: in the button's place until the menu is closed

  /** The list comes below `button`, which says whether it is open. */
  constructor(t, button, server, does, sound) {
    this.#t = t;
    this.#button = button;
    this.#server = server;
    this.#does = does;
    this.#sound = this.#item(SOUND, "Sound", () => this.#toggle(), { role: "switch", "aria-checked": String(sound) });
    this.#sound.append(h("span.switch", { "aria-hidden": "true" }));
    this.#telegram = this.#item(PLANE, "Continue on Telegram", () => this.#toTelegram());
    this.list = h("div.menu", this.#sound, this.#item(SAVE, "Download the conversation", () => this.#save()), this.#telegram);
    button.after(this.list);
    const place = button.parentElement;
    place.addEventListener("focusout", ({ relatedTarget }) => place.contains(relatedTarget) || this.show(false));
  }

  show(open) {
    this.list.hidden = !open;
    this.#button.setAttribute("aria-expanded", String(open));
    this.#telegram.hidden = !this.#does.hasTelegram();
    const link = this.#link;
    this.#link = null; // first: the focus leaves what is removed, and that closes the menu
    link?.remove();
  }

  /** Close it if it is open; returns whether it was. */
  leave() {
    if (this.list.hidden) return false;
    this.show(false);
    this.#button.focus();
    return true;
  }

  #item(lines, words, act, more = {}) {
    return h("button.item", { ...more, onclick: act }, drawing(lines), h("span", this.#t(words)));
  }

  #toggle() {
    const on = this.#sound.getAttribute("aria-checked") !== "true";
    this.#sound.setAttribute("aria-checked", String(on));
    this.#does.setSound(on);
  }

  /** Ask the desk over HTTP as this visitor, in their language; null, and a word to them, where it does not give it. */
  async #ask(path, method) {
    const headers = { ...this.#does.pass(), "Accept-Language": this.#t.locale };
    const answer = await fetch(new URL(path, this.#server), { method, headers }).catch(() => null);
    if (answer?.ok) return answer;
    this.#does.sorry();
    return null;
  }

  async #save() {
    this.leave();
    const answer = await this.#ask("transcript", "GET");
    if (!answer) return;
    const url = URL.createObjectURL(await answer.blob());
    h("a", { href: url, download: `${this.#does.title()}.txt` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1_000);
  }

  /** The link is made when it is asked for; where the browser opens no tab by itself, it stays to be tapped. */
  async #toTelegram() {
    const answer = await this.#ask("telegram-link", "POST");
    const { url: href } = (await answer?.json()) ?? {};
    if (!href?.startsWith("https://t.me/")) {
      if (answer) this.#does.sorry();
      return this.leave();
    }
    const link = (this.#link = h("a.item", { href, target: "_blank", rel: "noopener noreferrer" }, drawing(PLANE), h("span", this.#t("Continue on Telegram"))));
    this.#telegram.after(link);
    link.focus();
    this.#telegram.hidden = true;
    return link.click();
  }
}
