/**
 * The loader: a launcher that is its own facade. What is behind it is fetched when somebody wants to talk.
 *
 *   <script src="https://desk.example/widget.js" defer data-desk="Puddle &amp; Pine"></script>
 *
 * is all a page needs. Every data-* attribute becomes an attribute of the element <frontdesk-widget>, which a page may as
 * well write itself; docs/widget.md lists them, widget.d.ts types the methods and events. `window.frontdesk` is the element.
 */
(() => {
  const NAME = "frontdesk-widget";
  const SCRIPT = document.currentScript ?? [...document.scripts].find(({ src }) => /\/widget\.js(\?|$)/.test(src)); // a module has no currentScript
  const SERVER = new URL(".", SCRIPT?.src || location.href);
  const OPEN = {
    en: "Open the chat", ar: "افتح المحادثة", de: "Chat öffnen", es: "Abrir el chat", fr: "Ouvrir le chat", he: "פתיחת הצ׳אט",
    hi: "चैट खोलें", ja: "チャットを開く", pt: "Abrir o chat", ru: "Открыть чат", "zh-Hans": "打开聊天", "zh-Hant": "開啟聊天",
  };
  const STYLE = `
:host { position: fixed; inset-block-end: 0; inset-inline-end: 0; z-index: 2147483000 }
:host([position="start"]) { inset-inline: 0 auto }
:host([hidden]), [hidden] { display: none !important }
.launcher { all: unset; display: grid; place-items: center; inline-size: 60px; block-size: 60px; border-radius: 50%; position: relative; cursor: pointer;
  margin: 24px; margin-block-end: max(24px, env(safe-area-inset-bottom)); background: var(--accent); color: var(--ink-on-accent);
  box-shadow: 0 0 0 1px #fff4, 0 12px 32px #0004 }
.launcher:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; box-shadow: 0 0 0 3px var(--ink-on-accent) }
.launcher::before { content: ""; inline-size: 28px; block-size: 28px; background: currentColor; forced-color-adjust: none;
  clip-path: path(evenodd, "M14 3c6.6 0 11.5 4.2 11.5 9.8S20.6 22.6 14 22.6c-1.3 0-2.5-.2-3.7-.5L3.7 24.8l1.6-5C3.5 18 2.5 15.6 2.5 12.8 2.5 7.2 7.4 3 14 3ZM9 10h10v2H9ZM9 14h6v2H9Z") }
[aria-busy=true] { opacity: .6 }
@media (forced-colors: active) { .launcher { border: 2px solid; background: ButtonFace; color: ButtonText } }
`;

  /** Return [r, g, b] of a hexadecimal colour; nothing else is taken, so that an attribute never carries more style than that. */
  function rgb(text) {
    const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text)?.[1] ?? "1d5c4f";
    return hex.match(hex[3] ? /../g : /./g).map((part) => parseInt(part.padStart(2, part), 16));
  }

  /** About how light a colour is, 0 to 1: enough to tell whether the icon on it is black or white, 3:1 either way. */
  function lightness(colour) {
    return colour.reduce((sum, v, at) => sum + (v / 255) ** 2.2 * [0.21, 0.72, 0.07][at], 0);
  }

  /** Return the first language of these that the widget speaks; Intl.Locale knows more and takes 20 ms on a slow phone. */
  function spoken(wishes) {
    for (const wish of wishes) {
      const [, language, more] = /^(\w+)(.*)/.exec(wish ?? "") ?? [];
      const tag = language === "zh" ? `zh-Han${/hant|tw|hk|mo/i.test(more) ? "t" : "s"}` : language;
      if (OPEN[tag]) return tag;
    }
    return "";
  }

  /** Whether the browser keeps something of this desk's that begins like this; where it lets nobody look, it keeps nothing. */
  function kept(storage, start) {
    try {
      return Object.keys(window[storage]).some((key) => key.startsWith(`frontdesk:${SERVER.host}${SERVER.pathname}${start}`));
    } catch {
      return false;
    }
  }

  class FrontdeskWidget extends HTMLElement {
    static observedAttributes = ["accent", "locale"];
    #colours = new CSSStyleSheet();
    #launcher = document.createElement("button");
    #panel;
    #coming; // the promise of the panel, so that two clicks fetch it once
    #identity;
    #subscribed = new AbortController();

    constructor() {
      super();
      this.attachShadow({ mode: "open" }).adoptedStyleSheets = [this.#colours];
      const early = () => this.#ready();
      this.shadowRoot.append(Object.assign(this.#launcher, { className: "launcher", ariaHasPopup: "dialog", onclick: () => this.open(), onpointerenter: early, onfocus: early }));
    }

    connectedCallback() {
      window.frontdesk ??= this;
      this.attributeChangedCallback();
      setTimeout(() => this.isConnected && this.#resume()); // the launcher first: reading storage takes a while
    }

    #resume() {
      // where there is room for the page and the panel side by side, or it was open on the page before and does not cover this one
      if ((this.hasAttribute("open") && innerWidth > 1023) || (kept("sessionStorage", "open") && innerWidth > 480)) this.open({ focus: false });
      else if (kept("localStorage", "")) this.#ready((panel) => panel.listen());
      if (this.hasAttribute("opener")) import(`${SERVER}widget/opener.js`).then(({ show }) => show(this, this.#launcher));
    }

    disconnectedCallback() {
      this.#panel?.destroy();
      this.#panel = this.#coming = null;
      this.#launcher.hidden = false;
    }

    attributeChangedCallback(name) {
      const accent = rgb(this.getAttribute("accent"));
      this.#colours.replaceSync(`:host { --accent: rgb(${accent}); --ink-on-accent: ${lightness(accent) > 0.18 ? "#000" : "#fff"} }${STYLE}`);
      this.#panel?.paint(accent);
      const [wish, before] = [this.getAttribute("locale"), this.lang];
      const tag = spoken(wish === "auto" ? navigator.languages : [wish, document.documentElement.lang, ...navigator.languages]);
      this.unspoken = !tag; // then the desk's language is taken, once it is known
      this.lang = tag || "en";
      this.dir = /ar|he/.test(this.lang) ? "rtl" : "ltr";
      this.#launcher.ariaLabel = OPEN[this.lang];
      if (name === "locale" && before !== this.lang) this.#panel?.translated();
    }

    /** Open the panel; resolves when it is there. */
    async open({ focus = true } = {}) {
      this.#launcher.ariaBusy = true;
      // offline it stays dimmed until the network is back; a click tries again
      const panel = await this.#load().catch(() => addEventListener("online", () => this.open({ focus }), { once: true }));
      if (panel === undefined) return;
      this.#launcher.ariaBusy = null;
      if (!panel || !this.isConnected) return;
      panel.show(focus);
      this.#launcher.hidden = true;
      this.#emit("open");
    }

    close() {
      if (!this.#launcher.hidden) return;
      this.#panel.hide();
      this.#launcher.hidden = false;
      this.#launcher.focus();
      this.#emit("close");
    }

    /** Put words into the composer; the visitor sends them. */
    draft(text) {
      return this.#then("draft", text);
    }

    /** Say something for the visitor. */
    send(text) {
      return this.#then("say", text);
    }

    /** Hear an event by its name without "frontdesk-"; returns what ends it. */
    on(name, act) {
      const hear = ({ detail }) => act(detail);
      this.addEventListener(`frontdesk-${name}`, hear, this.#subscribed);
      return () => this.removeEventListener(`frontdesk-${name}`, hear);
    }

    /** Say who the visitor is: a short-lived JWT made by the page's server; null takes it back. */
    identify(token) {
      this.#identity = token;
      this.#panel?.identify(token);
    }

    setTheme(theme) {
      this.setAttribute("theme", theme);
    }

    setLocale(tag) {
      this.setAttribute("locale", tag);
    }

    /** Forget the visitor and what they wrote in this browser; the next words begin anew. */
    async reset() {
      this.#identity = null;
      (await this.#load())?.reset();
    }

    destroy() {
      this.#subscribed.abort();
      this.remove();
      delete window.frontdesk;
    }

    async #then(does, text) {
      await this.open();
      this.#panel?.[does](text);
    }

    #ready(act) {
      this.#load().then(act, () => {}); // what could not be fetched is at the next click
    }

    #load() {
      if (this.#coming) return this.#coming;
      const { lang } = this;
      const from = (part) => import(`${SERVER}widget/${part}.js`);
      const mine = Promise.all([from("panel"), lang === "en" ? {} : from(`locales/${lang}`)]).then(
        ([{ Panel }, words]) => {
          if (this.#coming !== mine) return null; // taken off the page meanwhile
          return (this.#panel = new Panel(this, {
            server: SERVER,
            table: words.default,
            Session: this.session, // a canned one on the page of states
            identity: this.#identity,
            close: () => this.close(),
            emit: (name, detail) => this.#emit(name, detail),
            accent: rgb(this.getAttribute("accent")),
            launcher: this.#launcher,
          }));
        },
        (error) => {
          this.#coming = null; // the network may be back at the next click
          throw error;
        },
      );
      return (this.#coming = mine);
    }

    #emit(name, detail) {
      this.dispatchEvent(new CustomEvent(`frontdesk-${name}`, { bubbles: true, composed: true, detail }));
    }
  }

  function begin() {
    customElements.define(NAME, FrontdeskWidget);
    if (document.querySelector(NAME)) return;
    const element = document.createElement(NAME);
    for (const [name, value] of Object.entries(SCRIPT?.dataset ?? {})) element.setAttribute(name === "desk" ? "name" : name, value);
    document.body.append(element);
  }

  if (customElements.get(NAME)) return;
  if (document.body) begin();
  else addEventListener("DOMContentLoaded", begin, { once: true });
})();
