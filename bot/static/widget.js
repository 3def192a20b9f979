/**
 * <frontdesk-widget>: the launcher. Everything behind it is fetched when somebody wants to talk.
 *
 *   <script type="module" src="https://desk.example/widget.js"></script>
 *
 * is all a page needs; a page that wants more writes the element itself:
 *
 *   <frontdesk-widget name="Puddle & Pine" accent="#1d5c4f" theme="auto" position="end" open></frontdesk-widget>
 *
 * Methods: open(), close(), draft(text), say(text). Events: frontdesk-open, frontdesk-close.
 */

const WIDE = "(min-width: 64em)"; // room for the page and the panel side by side
const WHITE = [255, 255, 255];
const BLACK = [0, 0, 0];
const NIGHT = [23, 28, 27]; // the panel's surface in the dark theme, see widget/style.js

const STYLE = `
:host { --fill: var(--fill-day); --on-fill: var(--on-fill-day); --link: var(--link-day);
  position: fixed; inset-block-end: 0; inset-inline-end: 0; z-index: 2147483000; color-scheme: light }
:host([position="start"]) { inset-inline: 0 auto }
:host([hidden]), [hidden] { display: none !important }
@media (prefers-color-scheme: dark) {
  :host(:not([theme="light"])) { --fill: var(--fill-night); --on-fill: var(--on-fill-night); --link: var(--link-night); color-scheme: dark } }
:host([theme="dark"]) { --fill: var(--fill-night); --on-fill: var(--on-fill-night); --link: var(--link-night); color-scheme: dark }
.launcher { all: unset; box-sizing: border-box; display: grid; place-items: center; inline-size: 60px; block-size: 60px;
  margin: 24px; margin-block-end: max(24px, env(safe-area-inset-bottom)); border-radius: 50%; position: relative;
  cursor: pointer; background: var(--fill); color: var(--on-fill);
  box-shadow: 0 1px 2px rgb(0 0 0 / .16), 0 10px 28px rgb(0 0 0 / .22); transition: transform .18s ease, box-shadow .18s ease }
.launcher:hover { transform: translateY(-2px); box-shadow: 0 2px 4px rgb(0 0 0 / .16), 0 14px 34px rgb(0 0 0 / .26) }
.launcher:active { transform: none }
.launcher:focus-visible { outline: 3px solid var(--link); outline-offset: 3px }
.launcher[aria-busy="true"] { cursor: progress }
.launcher svg { inline-size: 28px; block-size: 28px; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round }
.unread { position: absolute; inset-block-start: -2px; inset-inline-end: -2px; min-inline-size: 22px; block-size: 22px;
  box-sizing: border-box; padding-inline: 6px; border-radius: 11px; background: #b3261e; color: #fff;
  font: 600 12px/22px system-ui, sans-serif; text-align: center }
@media (prefers-reduced-motion: reduce) { .launcher { transition: none } }
@media (forced-colors: active) { .launcher { border: 2px solid ButtonText } }
`;

/** Relative luminance of an [r, g, b] of 0 to 255; WCAG 2.2. */
function luminance(rgb) {
  const [r, g, b] = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a, b) {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** Move `colour` towards `target` until it stands out from `ground` by `least`. */
function towards(target, colour, ground, least) {
  let now = colour;
  for (let share = 0; share <= 1 && contrast(now, ground) < least; share += 0.04) {
    now = colour.map((v, i) => Math.round(v + (target[i] - v) * share));
  }
  return now;
}

/** Only a hexadecimal colour is taken, so that an attribute can never carry more style than that. */
function parse(text) {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text ?? "")?.[1] ?? "1d5c4f";
  const full = hex.length === 3 ? [...hex].map((c) => c + c).join("") : hex;
  return [0, 2, 4].map((at) => parseInt(full.slice(at, at + 2), 16));
}

/** The accent's shades for day and night, each with 4.5:1 where it carries or is text. */
function paint(accent) {
  const day = parse(accent);
  const night = towards(WHITE, day, NIGHT, 3);
  const css = (rgb) => `rgb(${rgb.join(" ")})`;
  const ink = (fill) => (contrast(WHITE, fill) >= 4.5 ? WHITE : BLACK);
  return `:host {
    --fill-day: ${css(day)}; --on-fill-day: ${css(ink(day))}; --link-day: ${css(towards(BLACK, day, [238, 241, 240], 4.5))};
    --fill-night: ${css(night)}; --on-fill-night: ${css(ink(night))}; --link-night: ${css(towards(WHITE, day, [44, 53, 51], 4.5))} }`;
}

function sheet(css) {
  const made = new CSSStyleSheet();
  made.replaceSync(css);
  return made;
}

function bubble() {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const path = document.createElementNS(space, "path");
  svg.setAttribute("viewBox", "0 0 28 28");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", "M14 4.5c5.8 0 10 3.7 10 8.6s-4.2 8.6-10 8.6c-1.3 0-2.5-.2-3.6-.5L5.2 23.4l1.3-4.2C4.9 17.6 4 15.5 4 13.1c0-4.9 4.2-8.6 10-8.6ZM9.8 11.6h8.4M9.8 15.1h5.2");
  svg.append(path);
  return svg;
}

/** Whether something was said that never went out; the panel sends it on its own. */
function unsent() {
  try {
    return Object.keys(localStorage).some((key) => /^frontdesk:.*say:/.test(key));
  } catch {
    return false;
  }
}

class FrontdeskWidget extends HTMLElement {
  static observedAttributes = ["accent"];
  #colours = new CSSStyleSheet();
  #launcher = document.createElement("button");
  #unread = document.createElement("span");
  #panel = null;
  #coming = null; // the promise of the panel, so that two clicks fetch it once

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [this.#colours, sheet(STYLE)];
    this.#launcher.className = "launcher";
    this.#launcher.type = "button";
    this.#launcher.setAttribute("aria-haspopup", "dialog");
    this.#unread.className = "unread";
    this.#unread.setAttribute("aria-hidden", "true");
    this.#launcher.append(bubble(), this.#unread);
    this.#launcher.addEventListener("click", () => this.open());
    for (const sign of ["pointerenter", "focus"]) {
      this.#launcher.addEventListener(sign, () => this.#load().catch(() => {}), { once: true });
    }
    this.shadowRoot.append(this.#launcher);
  }

  connectedCallback() {
    this.#colours.replaceSync(paint(this.getAttribute("accent")));
    this.#count(0);
    if (this.hasAttribute("open") && matchMedia(WIDE).matches) this.open({ focus: false });
    else if (unsent()) this.#load().catch(() => {});
  }

  disconnectedCallback() {
    this.#panel?.destroy();
    this.#panel = this.#coming = null;
    this.#launcher.hidden = false;
  }

  attributeChangedCallback() {
    this.#colours.replaceSync(paint(this.getAttribute("accent")));
  }

  async open({ focus = true } = {}) {
    this.#launcher.setAttribute("aria-busy", "true");
    try {
      const panel = await this.#load();
      if (!this.isConnected) return;
      panel.show(focus);
      this.#launcher.hidden = true;
      this.#emit("frontdesk-open");
    } finally {
      this.#launcher.removeAttribute("aria-busy");
    }
  }

  close() {
    this.#panel?.hide();
    this.#launcher.hidden = false;
    this.#launcher.focus();
    this.#emit("frontdesk-close");
  }

  /** Put words into the composer; the visitor sends them. */
  async draft(text) {
    await this.open();
    this.#panel?.draft(text);
  }

  async say(text) {
    await this.open();
    this.#panel?.say(text);
  }

  #load() {
    this.#coming ??= import("./widget/panel.js").then(
      ({ Panel }) => {
        this.#panel = new Panel(this, {
          server: new URL(".", import.meta.url),
          close: () => this.close(),
          unread: (count) => this.#count(count),
        });
        return this.#panel;
      },
      (error) => {
        this.#coming = null; // the network may be back at the next click
        throw error;
      },
    );
    return this.#coming;
  }

  #count(count) {
    this.#unread.hidden = count === 0;
    this.#unread.textContent = count > 9 ? "9+" : String(count);
    const news = count ? `, ${count} new` : "";
    this.#launcher.setAttribute("aria-label", `Open the chat${news}`);
  }

  #emit(name) {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true }));
  }
}

if (!customElements.get("frontdesk-widget")) {
  customElements.define("frontdesk-widget", FrontdeskWidget);
  if (!document.querySelector("frontdesk-widget")) {
    document.body.append(document.createElement("frontdesk-widget"));
  }
}
