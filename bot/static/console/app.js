// The console's shell: who is signed in, the pages and how one gets to them, the keyboard, the live line.

import { Part, define, html, nothing } from "./part.js";
import { Api } from "./api.js";
import { early } from "./early.js";
import { ICONS } from "./icons.js";
import { Keys, shown } from "./keys.js";
import { Live } from "./live.js";
import "./news.js";
import { PAGES, reaches, routed } from "./pages.js";
import "./palette.js";
import "./sheet.js";
import "./signin.js";

const SHOWN = 6000; // milliseconds that a sentence at the foot stays
const JOINS = 250; // milliseconds until the live line begins, which asks for what was missed: what the page begins with is there first

class Console extends Part {
  static properties = { me: { state: true }, said: { state: true }, online: { state: true }, fault: { state: true } };

  constructor() {
    super();
    this.said = this.fault = "";
    this.online = true;
    this.me = null; // null: nobody is signed in; undefined: not known yet
    this.keys = new Keys();
    this.live = new Live();
    this.api = new Api(early);
    this.api.signedOut = () => this.#signedOut();
    this.route = routed(location);
    this.route.page.load?.().catch(() => {}); // it comes while it is asked who is there; whoever opens it hears of what failed
    this.me = undefined;
  }

  connectedCallback() {
    super.connectedCallback();
    addEventListener("popstate", () => this.#moved());
    for (const kind of ["pointerdown", "pointermove", "keydown", "wheel"]) addEventListener(kind, () => this.live.here(), { passive: true });
    this.addEventListener("click", (event) => this.#followed(event));
    this.addEventListener("signed-in", () => this.#begin());
    this.addEventListener("prefer", (event) => this.#prefer(event.detail));
    this.live.addEventListener("line", (event) => this.#line(event.detail.on));
    this.keys.addEventListener("change", () => this.requestUpdate());
    this.#begin();
  }

  /** What a page gets of the shell. */
  get #desk() {
    return {
      me: this.me,
      api: this.api,
      live: this.live,
      keys: this.keys,
      say: (text) => this.#say(text),
      go: (address, options) => this.#go(address, options),
      may: (role) => reaches(this.me.role, role),
    };
  }

  async #begin() {
    try {
      const me = await this.api.get("/api/v1/me");
      this.api.csrf = me.csrf;
      this.me = me;
      document.documentElement.dir = me.preferences.direction === "rtl" ? "rtl" : "ltr";
      this.keys.prefer(me.preferences.keys);
      this.keys.offer(this, this.#commands());
      await this.#turn();
      this.joining = setTimeout(() => this.live.start(), JOINS);
    } catch (refusal) {
      if (refusal.status !== 401) this.fault = refusal.message;
    }
  }

  #signedOut() {
    clearTimeout(this.joining);
    this.live.stop();
    this.me = null;
    this.page = null;
    document.title = "Sign in \u00b7 Frontdesk";
  }

  async #signOut() {
    await this.api.post("/console/logout").catch(() => {});
    this.#signedOut();
  }

  /** The line fell: because somebody ended this session, or only for a moment. */
  #line(on) {
    this.online = on;
    if (!on && this.me) this.api.get("/api/v1/me").catch(() => {});
  }

  async #prefer(changed) {
    const preferences = { ...this.me.preferences, ...changed };
    this.me = { ...this.me, preferences };
    document.documentElement.dir = preferences.direction === "rtl" ? "rtl" : "ltr";
    await this.api.put("/api/v1/me/preferences", preferences).catch((refusal) => this.#say(refusal.message));
  }

  #commands() {
    const pages = this.#pages.map(({ name, title }) => ({ id: `go-${name}`, title: `Go to ${title}`, run: () => this.#go(`/console/${name}`) }));
    const turned = () => this.#prefer({ direction: document.documentElement.dir === "rtl" ? "ltr" : "rtl" });
    return [
      { id: "palette", title: "Commands", key: "Mod+k", run: () => this.querySelector("desk-palette").open() },
      { id: "sheet", title: "Keys", key: "?", run: () => this.querySelector("desk-sheet").open() },
      ...pages,
      { id: "direction", title: "Turn the console from left to right, or back", run: turned },
      { id: "sign-out", title: "Sign out", run: () => this.#signOut() },
    ];
  }

  get #pages() {
    return PAGES.filter(({ role }) => !role || reaches(this.me.role, role));
  }

  #go(address, { replace = false } = {}) {
    history[replace ? "replaceState" : "pushState"](null, "", address);
    this.#moved();
  }

  #moved() {
    this.api.early.clear(); // was for the address before
    this.#turn();
  }

  #followed(event) {
    const link = event.target.closest?.("a[href^='/console']");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.#go(link.getAttribute("href"));
  }

  async #turn() {
    this.route = routed(location);
    if (!this.me) return;
    const { page } = this.route;
    document.title = `${page.title} \u00b7 ${this.me.desk.name}`;
    if (this.page?.name !== page.name) await this.#open(page);
    if (this.page?.element && this.page.name === page.name) this.page.element.route = this.route;
    this.requestUpdate();
  }

  async #open(page) {
    this.page = { name: page.name, coming: page.coming };
    if (!page.load) return;
    try {
      const { tag, Page } = await page.load();
      define(tag, Page);
      const element = document.createElement(tag);
      element.desk = this.#desk;
      element.route = this.route;
      if (this.page?.name === page.name) this.page = { name: page.name, element };
    } catch (error) {
      this.page = { name: page.name, coming: "This page could not be loaded. Please load it again." };
      console.error(error);
    }
  }

  #say(text) {
    this.said = text;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.said = ""), SHOWN);
  }

  #header() {
    return html`<header class="top">
      <a class="skip" href="#main" @click=${this.#skip}>Skip to the page</a>
      <span class="brand">${ICONS.desk}<span class="name">${this.me.desk.name}</span></span>
      <nav aria-label="Pages">${this.#pages.map(({ name, title }) => html`<a
        href=${`/console/${name}`} aria-current=${this.route.page.name === name ? "page" : nothing}>${title}</a>`)}</nav>
      <span class="spring"></span>
      ${this.online ? nothing : html`<span class="offline" role="status">Connecting again</span>`}
      <button class="command" aria-label=${`Commands ${shown(this.keys.key("palette"))}`} @click=${() => this.querySelector("desk-palette").open()}>
        ${ICONS.search}<span>Commands</span><kbd>${shown(this.keys.key("palette"))}</kbd></button>
      <span class="me" title=${this.me.role}>${ICONS.person}<bdi>${this.me.name}</bdi></span>
      <button class="plain" @click=${this.#signOut}>Sign out</button>
    </header>`;
  }

  #skip(event) {
    event.preventDefault();
    this.querySelector("#main").focus();
  }

  render() {
    if (this.me === null) return html`<desk-sign-in .api=${this.api}></desk-sign-in>`;
    if (!this.me) return this.fault ? html`<main class="coming"><h1>Frontdesk</h1><p role="alert">${this.fault}</p></main>` : nothing;
    const title = this.route.page.title;
    return html`${this.#header()}
      <desk-news .desk=${this.#desk} .page=${this.route.page.name}></desk-news>
      <main id="main" tabindex="-1">${this.page?.element ?? html`<section class="coming"><h1>${title}</h1><p>${this.page?.coming ?? ""}</p></section>`}</main>
      <p class="said" role="status">${this.said}</p>
      <desk-palette .keys=${this.keys}></desk-palette>
      <desk-sheet .keys=${this.keys}></desk-sheet>`;
  }
}
define("frontdesk-console", Console);
