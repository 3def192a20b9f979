/** The panel: header, messages, composer; it turns what the visitor does into the session's calls and back. */

// the style sheet first: over the wire it packs best in front of the code
import { NARROW, STYLE } from "./style.js";
import { paint } from "./colours.js";
import { Composer } from "./composer.js";
import { h, icon } from "./dom.js";
import { Messages, SAYS } from "./messages.js";
import { Parts } from "./parts.js";
import { Session } from "./session.js";
import { calmLine, presence } from "./status.js";
import { Store } from "./store.js";
import { tongue } from "./words.js";

const HUMAN = "human"; // the choice that asks for a person, as in conversations/events.py
const MAX_TEXT = 4096; // code points; the server's limit
const SOON = 700; // ms; a connection that takes less is not worth a word
const LATE = 4_000; // ms after which an answer is called late
const TROUBLE = 7_000; // ms that a sentence about a passing trouble stays
const SORRY = "That did not work just now. Please try again in a moment.";

/** Let the browser do what else it has to do: no task of ours may hold it up for long. */
const rest = () => window.scheduler?.yield?.();
const looks = sheet(STYLE); // read with the script, which is a task of its own

function sheet(style) {
  const made = new CSSStyleSheet();
  made.replaceSync(style);
  return made;
}

export class Panel {
  #host;
  #does;
  #t;
  #store;
  #session;
  #sheets = []; // the panel's looks, the accent, and those of the parts
  #parts = new Parts((style) => this.#dress(sheet(style)));
  #around; // made when it is first shown
  #menu; // made when it is first asked for
  #hasTelegram; // whether the desk offers it
  #unread = 0;
  #met; // whether the desk has ever let us in
  #greeted; // resolves it
  #ready = new Promise((resolve) => (this.#greeted = resolve));
  #thumbs = new Map(); // of what was rated and is not confirmed: the thumb before
  #scored; // whether a score is on its way; the desk confirms none
  #timers = {}; // of how things will stand, by what changes
  #now = { state: "idle", withPerson: false }; // status.js, Standing; what is not told is not so
  #badge = h("span.unread", { "aria-hidden": "true", hidden: true });

  /** `does` is what the loader gives: server, table, Session, identity, accent, launcher, close(), emit(name, detail). */
  constructor(host, does) {
    this.#host = host;
    this.#does = does;
    this.#t = tongue(host.lang, does.table);
    this.#dress(looks);
    this.#dress(sheet(""));
    this.paint(does.accent);
    this.#store = new Store(does.server);
    this.#build();
    host.shadowRoot.append(this.element);
    does.launcher.append(this.#badge);
    this.#session = new (does.Session ?? Session)(does.server, this.#store, this.#ears(), { locale: host.unspoken ? "" : host.lang, identity: does.identity });
    const waiting = this.#store.pending();
    for (const message of waiting) this.messages.pend(message, false);
    if (waiting.length) this.#session.connect();
  }

  get shown() {
    return !this.element.hidden;
  }

  async show(focus) {
    this.element.ariaModal = matchMedia(NARROW).matches; // before there is a layout to wait for
    this.messages.resting = !this.shown;
    this.element.hidden = false;
    this.#store.open = true;
    this.#count(0);
    getComputedStyle(this.element).color; // the styles in this task, the layout in a later one
    await rest();
    if (!this.element.isConnected) return; // taken off the page meanwhile
    this.#session.connect();
    this.#stand();
    await rest();
    this.messages.resting = false;
    this.messages.toEnd();
    if (focus) this.#focus();
  }

  /** What is on the screen is seen; returns whether anything is: it is not in a tab behind others. */
  look() {
    const is = this.shown && document.visibilityState === "visible";
    if (is) this.#session.seen();
    if (is && this.#unread) this.#count(0);
    return is;
  }

  hide() {
    this.#menu?.show(false);
    this.element.hidden = true;
    this.#store.open = false;
  }

  /** Connect without being shown, for what is new. */
  listen() {
    this.#session.connect();
  }

  draft(text) {
    this.composer.fill(text);
    this.composer.input.focus();
  }

  /** Say something; returns whether it can be said. */
  say(text, choice = null, files = []) {
    const over = [...text].length - MAX_TEXT;
    if (over > 0) this.#trouble(this.#t("That is {n} characters too long for one message.", { n: over }), "too_long");
    if (over > 0 || !(text.trim() || files.length)) return false;
    const message = this.#session.say(text, choice, files);
    this.messages.pend(message);
    this.#store.open = this.shown; // from the first words on
    if (!this.#session.online) this.messages.markAll("Will be sent");
    this.#does.emit("send", { id: message.id, text });
    return true;
  }

  identify(token) {
    this.#session.identify(token);
  }

  reset() {
    this.#session.reset();
  }

  #dress(looks) {
    this.#sheets.push(looks);
    this.#host.shadowRoot.adoptedStyleSheets.push(looks);
  }

  /** Take another accent, [r, g, b]. */
  paint(accent) {
    this.#sheets[1].replaceSync(paint(accent));
  }

  /** The host has another language: begin anew in it, with what was being written. */
  async translated() {
    const { shown } = this;
    if (shown) await this.#stand();
    if (shown && !this.element.isConnected) return; // it has yet another one meanwhile
    this.#host.disconnectedCallback();
    if (shown) this.#host.open({ focus: false });
  }

  destroy() {
    this.#around?.end();
    this.#session.destroy();
    this.messages.destroy();
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
    this.element.remove();
    this.#badge.remove();
    const root = this.#host.shadowRoot;
    root.adoptedStyleSheets = root.adoptedStyleSheets.filter((each) => !this.#sheets.includes(each));
  }

  /** It is open, and perhaps there is a line: what was said is seen, and what may be needed next is fetched. */
  async #stand() {
    this.look();
    const part = await this.#parts.get("around");
    if (!part || !this.element.isConnected) return;
    this.#around ??= new part.Around(this, this.#store);
    this.#around.recall();
    this.#parts.prefetch();
  }

  /** On a phone the keyboard would cover what is there: the dialog itself takes the focus. */
  #focus() {
    (matchMedia("(pointer: coarse)").matches ? this.element : this.composer.input).focus();
  }

  get #focused() {
    return this.#host.shadowRoot.activeElement;
  }

  /** Where what had the focus can have it no more, the keyboard goes on at the composer, not at the top of the page. */
  #keepFocus(at) {
    if (at?.disabled || at?.hidden) this.#focus();
  }

  #build() {
    const { server, close } = this.#does;
    const t = this.#t;
    const part = (name) => this.#parts.get(name);
    this.messages = new Messages(t, server, {
      choose: ({ label, value }) => (value.startsWith(SAYS) ? this.say(value.slice(SAYS.length)) : this.say(label, value)), // a quick reply is said like any words
      rate: (id, value, reason) => this.#rate(id, value, reason),
      again: (id) => this.#session.again(id),
      edit: (id, text) => { this.#session.forget(id); this.draft([text, this.composer.input.value].filter(Boolean).join("\n")); }, // before what is being written
      part,
    });
    this.composer = new Composer(t, server, {
      pass: async () => (await this.#ready, this.#session.pass),
      sorry: () => this.#sorry(),
      say: (text, files) => this.say(text, null, files),
      trouble: (...said) => this.#trouble(...said),
      fault: (...said) => this.#fault(...said),
      typing: (on) => this.#now.withPerson && this.#session.typing(on),
      part,
    });
    this.more = h("button.round", { "aria-label": t("More"), "aria-expanded": "false", onclick: () => this.#showMenu() }, icon("more"));
    this.name = h("h2", { id: "name", dir: "auto" }, this.#own("name") || t("Chat"));
    this.presence = h("p", { dir: "auto" }, presence(t, this.#now));
    this.status = h("p.status", { role: "status" });
    this.human = h("button.human", { onclick: () => this.say(t("Talk to a person"), HUMAN) }, icon("person"), t("Talk to a person"));
    this.element = h("section.panel", { role: "dialog", "aria-labelledby": "name", tabindex: "-1", hidden: true, onkeydown: (event) => this.#key(event), onclick: () => this.#keepFocus(this.#focused ?? { hidden: true }) },
      h("div.head",
        h("span.mark", icon("bell")),
        h("div.title", this.name, this.presence),
        h("div.menu-place", this.more),
        h("button.round.close", { "aria-label": t("Close the chat"), onclick: close }, icon("close"))),
      this.messages.element,
      h("div.foot", this.status, this.composer.element, this.human));
    this.messages.greet(this.#own("greeting") || this.#own("opener"));
    const questions = this.#own("starters").split("|").map((each) => each.trim()).filter(Boolean);
    this.messages.start(questions.map((label) => ({ label, value: SAYS + label })));
  }

  /** What the page itself says, empty where it leaves it to the desk. */
  #own(attribute) {
    return this.#host.getAttribute(attribute) ?? "";
  }

  #ears() {
    return {
      state: (state) => this.#became(state),
      welcome: (frame) => this.#welcome(frame),
      events: (frames, isHistory) => this.#events(frames, isHistory),
      rated: (frame) => { this.#thumbs.delete(frame.message_id); this.messages.rated(frame); },
      typing: (frame) => this.messages.typing(frame),
      presence: ({ type, ...standing }) => this.#handed(standing),
      calm: ({ type, state, sentence = "", ...expected }) => this.#know({ loading: state === "loading", late: state === "calm", sentence, ...expected, ...(state === "person" && { withPerson: true }) }),
      askScore: () => this.#askScore(),
      read: () => this.#unread && this.#count(0),
      sent: (id, isOurs) => this.#sent(id, isOurs),
      failed: (id, sentence, again, code) => { this.messages.failed(id, this.#t(sentence), again); this.#fault(this.#t(sentence), code, id); },
      trouble: (sentence, code, id, isVote) => this.#trouble(this.#t(isVote && this.#takeBack(code) ? SORRY : sentence), code, id),
      reset: (isSignOut) => this.#forget(isSignOut),
    };
  }

  /** The conversation is another one now; what was being written stays, unless it is somebody else's. */
  #forget(isSignOut) {
    this.#wait("late");
    this.messages.clear();
    this.#know({ withPerson: false, operator: null, sentence: "", late: false, loading: false });
    if (!isSignOut) return;
    this.composer.fill(""); // first: nothing waits for its files any more
    this.composer.uploads?.clear();
    this.#count(0);
  }

  #welcome({ desk, with_person: withPerson, operator, open, opens, wait, starters, telegram, locale }) {
    this.#greeted();
    this.#met = true;
    this.name.textContent = desk.name;
    this.messages.greet(this.#own("greeting") || this.#own("opener") || desk.greeting);
    if (!this.#own("starters")) this.messages.start(starters ?? []);
    this.messages.markAll("Sending…");
    this.#hasTelegram = telegram;
    this.#know({ withPerson, operator, open, opens, wait });
    if (this.shown) this.#stand();
    this.#does.emit("ready", { name: desk.name });
    if (this.#host.unspoken) this.#host.setLocale(locale); // neither the page nor the visitor speaks a language that we have
  }

  #events(frames, isHistory) {
    const answers = frames.filter(({ kind }) => kind !== "customer");
    if (answers.length) this.messages.typing({ on: false });
    const at = this.#focused;
    this.messages.add(frames, isHistory);
    this.#keepFocus(at);
    if (!isHistory) for (const frame of frames) this.#follow(frame); // the welcome said how that has ended
    if (frames.some(({ kind }) => kind === "customer")) this.messages.after.replaceChildren(); // they talk on: nobody asks how it was
    if (!this.look()) this.#count(this.#unread + answers.filter(({ seq }) => seq > this.#store.seen).length);
    if (isHistory || !answers.length) return;
    this.#chime();
    for (const { kind, message_id: id, text, author, edits = null } of answers) this.#does.emit("message", { kind, id, text, author: author || null, edits });
  }

  #follow({ kind, action, author, edits }) {
    if (kind === "customer" || edits) return; // who edits need not have the conversation any more
    this.#wait("late");
    const withPerson = kind === "operator" || (kind === "bot" && action === "handoff");
    this.#handed({ withPerson, operator: withPerson ? author || this.#now.operator : null, late: false, loading: false, sentence: "" });
  }

  /** Take in who has the conversation, and tell the page where that is a person now, or another one. */
  #handed(news) {
    const before = { ...this.#now };
    this.#know(news);
    const { withPerson, operator } = this.#now;
    if (operator ? operator !== before.operator : withPerson && !before.withPerson) this.#does.emit("handoff", { operator: operator || null });
  }

  #sent(id, isOurs) {
    this.messages.sent(id);
    if (!isOurs || this.#now.withPerson) return; // what another tab said is told there, and people take their time
    this.#wait("late", LATE, true);
  }

  #became(state) {
    if (state === "offline") this.messages.markAll("Will be sent");
    if (state === "offline" && !this.#met) this.#parts.get("around").then((part) => part?.hint(this.#does.server));
    this.#wait("slow", state === "connecting" && SOON, true);
    this.#know({ state, slow: false });
    this.#does.emit("state", { state });
  }

  #fault(sentence, code, id = null) {
    if (code) this.#does.emit("error", { code, sentence, id });
  }

  #trouble(sentence, code, id) {
    this.#fault(sentence, code, id);
    if (code === "bad_identity") return; // the page's affair, not the visitor's
    this.#wait("trouble", TROUBLE, "");
    this.#know({ trouble: sentence });
  }

  /** Take in after `ms` that something stands otherwise, unless it is told anew before; without `ms` it stays. */
  #wait(what, ms, value) {
    clearTimeout(this.#timers[what]);
    if (ms) this.#timers[what] = setTimeout(() => this.#know({ [what]: value }), ms);
  }

  /** Take in how things stand and say it in the one quiet line. */
  #know(news) {
    const at = this.#focused; // before: browsers forget it at once
    Object.assign(this.#now, news);
    const { words, down } = calmLine(this.#t, this.#now);
    if (this.status.textContent !== words) this.status.textContent = words;
    this.status.classList.toggle("down", down);
    this.presence.textContent = presence(this.#t, this.#now);
    this.human.hidden = this.#now.withPerson;
    this.#keepFocus(at);
  }

  #count(count) {
    this.#unread = count;
    this.#badge.hidden = !count;
    this.#badge.textContent = count > 9 ? "9+" : String(count);
    const { launcher } = this.#does;
    launcher.ariaLabel = launcher.ariaLabel.split(", ")[0] + (count ? `, ${this.#t("{n} new messages", { n: count })}` : "");
    this.#does.emit("unread", { count });
  }

  #rate(id, value, reason) {
    this.#session.rate(id, value, reason);
    const before = this.messages.rated({ message_id: id, value });
    if (!this.#thumbs.has(id)) this.#thumbs.set(id, before);
    this.#does.emit("rate", { id, value, reason: reason ?? null });
  }

  /** Show no thumb and no thanks for what the desk has refused; returns whether there was any. */
  #takeBack(code) {
    const had = this.#thumbs.size || this.#scored;
    for (const [id, value] of this.#thumbs) this.messages.rated({ message_id: id, value });
    this.#thumbs.clear();
    if (!this.#scored) return had;
    this.#scored = false;
    this.messages.after.replaceChildren();
    if (code !== "bad_input") this.#askScore();
    return had;
  }

  async #askScore() {
    const part = await this.#parts.get("score");
    const give = (score, comment) => {
      this.#session.score(score, comment);
      this.#scored = true;
      this.#does.emit("score", { score, comment: comment ?? "" });
    };
    if (!part || this.messages.after.childElementCount) return;
    this.messages.after.replaceChildren(part.askScore(this.#t, give, () => this.composer.input.focus()));
    this.messages.toEnd();
  }

  #chime() {
    if (this.#store.sound) this.#parts.get("chime").then((part) => part?.chime());
  }

  async #showMenu() {
    const open = this.#menu?.list.hidden ?? true;
    const part = await this.#parts.get("menu");
    if (!part) return this.#sorry();
    this.#menu ??= new part.Menu(this.#t, this.more, this.#does.server, {
      hasTelegram: () => this.#hasTelegram,
      pass: () => this.#session.pass,
      setSound: (on) => { this.#store.sound = on; this.#chime(); },
      sorry: () => this.#sorry(),
      title: () => this.name.textContent,
    }, this.#store.sound);
    return this.#menu.show(open);
  }

  #sorry() {
    this.#trouble(this.#t(SORRY));
  }

  #key(event) {
    if (event.key === "Tab" && this.element.ariaModal === "true") this.#wrap(event);
    if (event.key !== "Escape" || event.isComposing || event.keyCode === 229) return; // the input method's, see composer.js
    event.stopPropagation();
    if (!this.#menu?.leave()) this.#does.close();
  }

  /** Where the panel covers the page, the focus stays in it. */
  #wrap(event) {
    const all = [...this.element.querySelectorAll("button:enabled, a[href], textarea, [tabindex='0']")].filter((each) => each.checkVisibility());
    const [end, other] = event.shiftKey ? [0, -1] : [-1, 0];
    if (this.#focused !== all.at(end) && !(event.shiftKey && this.#focused === this.element)) return; // which has it when a phone has opened it
    event.preventDefault();
    all.at(other).focus();
  }
}
