/** Every state of the widget, for designers and tests: the real components over a session that only plays canned frames. */

import { events, states } from "./states-list.js";
import { wordsFor } from "./states-words.js";

const asked = new URLSearchParams(location.search);
const settings = { theme: asked.get("theme") ?? "", locale: asked.get("locale") ?? "en", accent: asked.get("accent") ?? "#1d5c4f" };
const words = wordsFor(settings.locale);
const STATES = states(words);
const BROKEN = "zip.jpg"; // the file that is lost on its way

// nothing of this page is kept, and nothing is sent
Object.defineProperty(window, "localStorage", { get: () => { throw new Error("canned"); } });
Object.defineProperty(window, "sessionStorage", { get: () => { throw new Error("canned"); } });
window.XMLHttpRequest = class {
  upload = {};
  open() {}
  setRequestHeader() {}
  abort() {}
  send(form) {
    const { name } = form.get("file");
    setTimeout(() => (name === BROKEN ? this.onerror() : this.upload.onprogress({ loaded: 64, total: 100 })));
  }
};

/** Return a class in the place of the widget's Session that plays a state; `played` is kept when all of it has happened. */
function canned({ welcome, said = [], then, listens }, host) {
  let done;
  return class {
    static played = new Promise((resolve) => (done = resolve));
    online = true;
    pass = {};
    #on;
    #played = false;

    constructor(server, store, on) {
      this.#on = on;
      if (listens) setTimeout(() => this.connect()); // as the loader does for whoever comes back
    }

    connect() {
      if (this.#played) return;
      this.#played = true;
      this.#on.state("online");
      this.#on.welcome({ desk: { name: words.desk, greeting: words.greeting }, ...welcome });
      if (said.length) this.#on.events(events(...said), true);
      setTimeout(async () => {
        await then?.({ host, on: { ...this.#on, state: (state) => this.#become(state) }, root: host.shadowRoot });
        done();
      });
    }

    #become(state) {
      this.online = state === "online";
      this.#on.state(state);
    }

    say(text) {
      return { id: String(Math.random()), text, files: [] };
    }

    rate() {}
    score() {}
    seen() {}
    typing() {}
    again() {}
    forget() {}
    identify() {}
    reset() {}
    destroy() {}
  };
}

function show(name, place) {
  const state = STATES[name];
  const box = document.createElement("section");
  box.className = "state";
  const heading = document.createElement("h2");
  const link = document.createElement("a");
  link.href = `?${new URLSearchParams({ ...settings, state: name })}`;
  link.textContent = state.title;
  heading.append(link);
  const below = document.createElement("p");
  below.className = "note";
  below.textContent = state.note;
  const frame = document.createElement("div");
  frame.className = "frame";
  const widget = document.createElement("frontdesk-widget");
  for (const [attribute, value] of Object.entries({ ...settings, name: words.desk, opener: state.opener })) if (value) widget.setAttribute(attribute, value);
  widget.session = canned(state, widget);
  frame.append(widget);
  box.append(heading, below, frame);
  place.append(box);
  return () => state.begin(widget);
}

async function all() {
  const alone = asked.get("state");
  document.body.classList.toggle("alone", Boolean(alone));
  const place = document.querySelector(".states");
  const beginnings = (alone ? [alone] : Object.keys(STATES)).map((name) => show(name, place));
  await customElements.whenDefined("frontdesk-widget"); // the loader comes after this script, so that it finds a widget on the page
  await Promise.all(beginnings.map((begin) => begin()));
  if (!alone) scrollTo(0, 0); // where a state has moved the focus
  document.body.dataset.shown = "";
}

const form = document.querySelector(".bar");
for (const [name, value] of Object.entries(settings)) form.elements[name].value = value;
form.addEventListener("change", () => (location.search = new URLSearchParams(new FormData(form))));
if (settings.theme) document.documentElement.style.colorScheme = settings.theme;
all();
