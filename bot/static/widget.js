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
  const SCRIPT = document.currentScript ?? [...document.scripts].find(({ src }) => /\/widget\.js\b/.test(src)); // a module has no currentScript
  const SERVER = new URL(".", SCRIPT?.src || location);
  const OPEN = {
    en: "Open the chat", ar: "افتح المحادثة", de: "Chat öffnen", es: "Abrir el chat", fr: "Ouvrir le chat", he: "פתיחת הצ׳אט",
    hi: "चैट खोलें", ja: "チャットを開く", pt: "Abrir o chat", ru: "Открыть чат", "zh-Hans": "打开聊天", "zh-Hant": "開啟聊天",
  };
  const STYLE = `
:host { all: initial; position: fixed; inset-block: auto 0; inset-inline: auto 0; z-index: 2147483000; display: grid; justify-items: end }
:host([position=start]) { inset-inline: 0 auto; justify-items: start }
:host([hidden]), [hidden] { display: none!important }
.launcher { all: unset; display: grid; place-items: center; inline-size: 60px; block-size: 60px; border-radius: 50%; position: relative; cursor: pointer;
  margin: 24px 24px max(24px, env(safe-area-inset-bottom)); background: var(--accent); color: var(--ink-on-accent);
  box-shadow: 0 0 0 1px #fff4, 0 12px 32px #0004 }
.launcher:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; box-shadow: 0 0 0 3px var(--ink-on-accent) }
.launcher::before { content: ""; inline-size: 28px; block-size: 28px; background: currentColor; forced-color-adjust: none;
  clip-path: path(evenodd, "M14 3c7 0 12 4 12 10S21 23 14 23q-2 0-4-1L4 25l1-5C3 18 2 16 2 13 2 7 7 3 14 3ZM9 10h10v2H9ZM9 14h6v2H9Z") }
[aria-busy=true] { opacity: .6 }
.lost { margin: 0 24px; padding: 12px; border-radius: 12px; background: #000; color: #fff; font: 15px system-ui; cursor: pointer }
.lost:empty { display: none }
@media(forced-colors: active) { .launcher, .lost { border: 2px solid; color: ButtonText } }
`;

  /** Return [r, g, b] of a hexadecimal colour; nothing else is taken, so that an attribute never carries more style than that. */
  function rgb(text) {
    const hex = /^#(([\da-f]{3}){1,2})$/i.exec(text)?.[1] ?? "1d5c4f";
    return hex.match(hex[3] ? /../g : /./g).map((part) => parseInt(part.padStart(2, part), 16));
  }

  /** Whether a colour is so light that the icon on it is black, not white: 3:1 either way. */
  function isLight([r, g, b]) {
    return r * r * 3 + g * g * 10 + b * b > 18e4;
  }

  /** Return the first language of these that the widget speaks; Intl.Locale knows more and takes 20 ms on a slow phone. */
  function spoken(wishes) {
    for (const wish of wishes) {
      const [, language, more] = /^(\w\w)\b(.*)/.exec(wish ?? "") ?? [];
      const tag = language === "zh" ? `zh-Han${/hant|tw|hk|mo/i.test(more) ? "t" : "s"}` : language;
      if (OPEN[tag]) return tag;
    }
    return "";
  }

  /** Return the keys under which the browser keeps something of this desk's; where it lets nobody look, it keeps nothing. */
  function kept(storage, start = "") {
    try {
      return Object.keys(window[storage]).filter((key) => key.startsWith(`frontdesk:${SERVER.host}${SERVER.pathname}${start}`));
    } catch {
      return [];
    }
  }

  /** Forget the visitor, or only the customer that they were, as store.js keeps them: it need not be there for it. */
  function forget(customer) {
    for (const storage of ["localStorage", "sessionStorage"]) {
      for (const key of kept(storage)) if (!customer || /customer$/.test(key) || /^{"owner":"/.test(window[storage][key])) window[storage].removeItem(key);
    }
  }

  class FrontdeskWidget extends HTMLElement {
    static observedAttributes = ["accent", "locale"];
    #colours = new CSSStyleSheet();
    #launcher = document.createElement("button");
    #trouble = document.createElement("div"); // says that the panel could not be fetched
    #panel;
    #coming; // the promise of the panel, so that two clicks fetch it once
    #identity;
    #waiting = []; // [method of the panel, text]
    #subscribed = new AbortController();

    constructor() {
      super();
      this.attachShadow({ mode: "open" }).adoptedStyleSheets = [this.#colours];
      addEventListener("storage", () => this.#listen(), this.#subscribed);
      const [early, onclick] = [() => this.#ready(), () => this.open()];
      this.shadowRoot.append(
        Object.assign(this.#trouble, { className: "lost", role: "alert", dir: "auto", onclick }),
        Object.assign(this.#launcher, { className: "launcher", ariaHasPopup: "dialog", onclick, onpointerenter: early, onfocus: early }),
      );
    }

    connectedCallback() {
      window.frontdesk ??= this;
      this.attributeChangedCallback();
      setTimeout(() => this.isConnected && this.#resume()); // the launcher first: reading storage takes a while
    }

    /** Hear what is new for who has said something, be it in another tab. */
    #listen() {
      if (this.isConnected && kept("localStorage")[0]) this.#ready((panel) => panel?.listen());
    }

    #resume() {
      // where there is room for the page and the panel side by side, or it was open on the page before and does not cover this one
      if ((this.hasAttribute("open") && innerWidth > 1023) || (kept("sessionStorage", "open")[0] && innerWidth > 480)) this.open({ focus: false });
      else this.#listen();
      if (this.hasAttribute("opener")) import(`${SERVER}widget/opener.js`).then(({ show }) => show(this, this.#launcher));
    }

    disconnectedCallback() {
      this.#panel?.destroy();
      this.#panel = this.#coming = null;
      this.#launcher.hidden = false;
      setTimeout(() => this.closest("body") && !document.querySelector(NAME) && document.body.append(this)); // the page has another body now
    }

    attributeChangedCallback(name) {
      const accent = rgb(this.getAttribute("accent"));
      this.#colours.replaceSync(`:host{--accent:rgb(${accent});--ink-on-accent:${isLight(accent) ? "#000" : "#fff"}}${STYLE}`);
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
      this.#trouble.textContent = ""; // what is said a second time is announced again
      const panel = await this.#load().catch(() => {
        this.#trouble.textContent = "No connection. Please try again."; // served in the browser's language: nothing more can be fetched now
        addEventListener("online", () => this.open({ focus }), { once: true }); // or at a click
      });
      this.#launcher.ariaBusy = null;
      if (!panel || !this.isConnected) return;
      panel.show(focus);
      this.#launcher.hidden = true;
      this.#emit("open");
      for (const [does, text] of this.#waiting.splice(0)) panel[does](text);
    }

    close() {
      if (!this.#launcher.hidden) return;
      this.#launcher.hidden = false;
      if (this.shadowRoot.activeElement) this.#launcher.focus(); // where the page closes it, the keyboard may be elsewhere
      this.#panel.hide();
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
      if (!token) forget(true);
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
      this.#waiting = [];
      this.#panel?.reset();
      forget();
    }

    destroy() {
      this.#subscribed.abort();
      this.remove();
      delete window.frontdesk;
    }

    /** What is to be said waits until the panel is there. */
    #then(does, text) {
      this.#waiting.push([does, text]);
      return this.open();
    }

    #ready(act) {
      this.#load().then(act, () => {}); // what could not be fetched is at the next click
    }

    #load() {
      if (this.#coming) return this.#coming;
      const { lang } = this;
      const from = (part) => import(`${SERVER}widget/${part}.js`);
      const mine = Promise.all([from("panel"), lang === "en" ? {} : from(`locales/${lang}`)]).then(
        async ([{ Panel }, words]) => {
          await window.scheduler?.yield?.(); // reading the script was one task, making the panel is the next
          if (this.#coming !== mine) return null; // taken off the page meanwhile
          this.#panel = new Panel(this, {
            server: SERVER,
            table: words.default,
            Session: this.session, // a canned one on the page of states
            identity: this.#identity,
            close: () => this.close(),
            emit: (name, detail) => this.#emit(name, detail),
            accent: rgb(this.getAttribute("accent")),
            launcher: this.#launcher,
          });
          await window.scheduler?.yield?.(); // and showing it another
          return this.#panel;
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
    for (const [name, value] of Object.entries({ ...SCRIPT?.dataset })) element.setAttribute(name === "desk" ? "name" : name, value);
    document.body.append(element);
  }

  if (customElements.get(NAME)) return;
  if (document.body) begin();
  else addEventListener("DOMContentLoaded", begin);
})();
