/** Every state of the widget, for designers and tests: the real components over a session that only plays canned frames. */

import { wordsFor } from "./states-words.js";

const asked = new URLSearchParams(location.search);
const settings = { theme: asked.get("theme") ?? "", locale: asked.get("locale") ?? "en", accent: asked.get("accent") ?? "#1d5c4f" };
const words = wordsFor(settings.locale);
const CLOSED = "This conversation is closed. What you write next begins a new one."; // the widget says it in its own languages
const PICTURE = new URL("coat.svg", import.meta.url).href;

// nothing of this page is kept, and nothing is sent
Object.defineProperty(window, "localStorage", { get: () => { throw new Error("canned"); } });
Object.defineProperty(window, "sessionStorage", { get: () => { throw new Error("canned"); } });
window.XMLHttpRequest = class {
  upload = {};
  open() {}
  setRequestHeader() {}
  abort() {}
  send() {
    setTimeout(() => this.upload.onprogress?.({ loaded: 64, total: 100 }));
  }
};

/** Events with what each has in common, numbered. */
function events(...said) {
  const at = new Date().toISOString();
  return said.map((each, index) => ({ type: "event", seq: index + 1, at, message_id: `m${index}`, client_message_id: null, choices: [], files: [], sources: [], ...each }));
}

const customer = (text, more = {}) => ({ kind: "customer", text, ...more });
const bot = (text, more = {}) => ({ kind: "bot", action: "reply", text, rateable: true, ...more });
const offer = (labels) => labels.map((label, at) => ({ label, value: `c${at}` }));
const PERSON = { with_person: true };

/** Name -> [title, note, welcome, events, and what happens then]. */
const STATES = {
  closed: ["Closed", "The launcher, with a line of the page beside it", {}, [], null],
  welcome: ["Welcome", "A greeting, and what to ask first", { starters: offer(words.starters) }, []],
  answer: ["Answer", "Markdown, thumbs, what others asked next", {}, [customer(words.ask), bot(words.answer, { choices: offer(words.next) })]],
  choices: ["Choices", "The bot asks back", {}, [customer(words.unclear), bot(words.clarify, { action: "clarify", rateable: false, choices: offer(words.choices) })]],
  sources: ["Sources", "Cards with the pages that were quoted", {}, [customer(words.care), bot(words.quoted, { sources: words.sources.map((title, at) => ({ title, url: `https://puddleandpine.example/care/${at}` })) })]],
  reasons: ["Thumb down", "One tap counts; why is offered", {}, [customer(words.care), bot(words.quoted)], ({ root }) => root.querySelector('[data-thumb="down"]').click()],
  files: ["Files", "A picture and a label that came, one on its way, one refused", {}, [
    customer(words.look, { files: [{ name: "tear.png", url: PICTURE, type: "image/png", size: 184_000 }] }),
    bot(words.looked, { files: [{ name: "return-label.pdf", url: "/files/1/return-label.pdf", type: "application/pdf", size: 86_400 }] }),
  ], ({ root }) => paste(root, new File([new Uint8Array(2_400_000)], "receipt.pdf"), new File([new Uint8Array(10_000_001)], "holiday.mov"))],
  waiting: ["A person is awaited", "With the usual wait", { ...PERSON, open: true, wait: 170 }, [customer(words.person), bot(words.passed, { action: "handoff", rateable: false })]],
  closing: ["Outside opening hours", "When the people are back", { ...PERSON, open: false, opens: soon() }, [customer(words.person), bot(words.passed, { action: "handoff", rateable: false })]],
  operator: ["A person answers", "Their name, and that they type", { ...PERSON, operator: words.operator }, [customer(words.person), { kind: "operator", author: words.operator, text: words.hello }], ({ on }) => on.typing({ on: true, who: "operator", name: words.operator })],
  offline: ["Offline", "What was written waits; a refused message can be tried again", {}, [customer(words.ask), bot(words.answer)], ({ host, on }) => { on.state("offline"); words.waiting.forEach((text) => host.send(text)); }],
  loading: ["The model is loading", "A calm line", {}, [customer(words.ask)], ({ on }) => on.calm({ state: "loading" })],
  score: ["Score", "Asked when a conversation has ended", {}, [customer(words.thanks), { kind: "notice", text: CLOSED }], ({ on }) => on.askScore()],
  scored: ["Score given", "Words, if they like", {}, [customer(words.thanks), { kind: "notice", text: CLOSED }], async ({ root, on }) => { await on.askScore(); root.querySelectorAll(".face-button")[3].click(); }],
  menu: ["Menu", "What is needed seldom", { telegram: true }, [customer(words.ask), bot(words.answer)], ({ root }) => root.querySelector("[aria-expanded]").click()],
};

function soon() {
  const at = new Date(Date.now() + 86_400_000);
  at.setHours(9, 0, 0, 0);
  return at.toISOString();
}

function paste(root, ...files) {
  const clipboardData = new DataTransfer();
  for (const file of files) clipboardData.items.add(file);
  root.querySelector("textarea").dispatchEvent(new ClipboardEvent("paste", { clipboardData }));
}

/** Return a class in the place of the widget's Session that plays this state. */
function canned([, , welcome, said, then], host) {
  return class {
    online = true;
    pass = {};
    #on;
    #played = false;

    constructor(server, store, on) {
      this.#on = on;
    }

    connect() {
      if (this.#played) return;
      this.#played = true;
      this.#on.state("online");
      this.#on.welcome({ desk: { name: words.desk, greeting: words.greeting }, ...welcome });
      if (said.length) this.#on.events(events(...said), true);
      setTimeout(() => then?.({ host, on: { ...this.#on, state: (state) => this.#become(state) }, root: host.shadowRoot }));
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
  const [title, note, , , then] = state;
  const box = document.createElement("section");
  box.className = "state";
  const heading = document.createElement("h2");
  const link = document.createElement("a");
  link.href = `?${new URLSearchParams({ ...settings, state: name })}`;
  link.textContent = title;
  heading.append(link);
  const below = document.createElement("p");
  below.className = "note";
  below.textContent = note;
  const frame = document.createElement("div");
  frame.className = "frame";
  const widget = document.createElement("frontdesk-widget");
  for (const [attribute, value] of Object.entries({ ...settings, name: words.desk })) if (value) widget.setAttribute(attribute, value);
  if (then === null) widget.setAttribute("opener", words.opener);
  widget.session = canned(state, widget);
  frame.append(widget);
  box.append(heading, below, frame);
  place.append(box);
  return then === null ? null : () => widget.open({ focus: false });
}

async function all() {
  const alone = asked.get("state");
  document.body.classList.toggle("alone", Boolean(alone));
  const place = document.querySelector(".states");
  const openings = (alone ? [alone] : Object.keys(STATES)).map((name) => show(name, place));
  await customElements.whenDefined("frontdesk-widget"); // the loader comes after this script, so that it finds a widget on the page
  await Promise.all(openings.map((open) => open?.()));
  document.body.dataset.shown = "";
}

const form = document.querySelector(".bar");
for (const [name, value] of Object.entries(settings)) form.elements[name].value = value;
form.addEventListener("change", () => (location.search = new URLSearchParams(new FormData(form))));
if (settings.theme) document.documentElement.style.colorScheme = settings.theme;
all();
