/**
 * The conversation's line to the server: resumes where it broke off, loses nothing, says nothing twice.
 *
 * A message keeps its id from the first try to the acknowledgement, so repeating it is safe; messages go out
 * one after the other, in the order they were written. No DOM in here.
 */

import { attempt } from "./attempt.js";

const FIRST_WAIT = 0.5; // seconds; with full jitter, so that a restarted server is not stormed
const LONGEST_WAIT = 30; // seconds
const ACK_PATIENCE = 10_000; // ms; then the line is taken for dead
const BREATH = 1_500; // ms before going on after rate_limited or busy
const TYPED_FOR = 4_000; // ms after the last key that the visitor still counts as typing
const STABLE = 5_000; // ms that a line must last before the waits begin anew
const SEEN_EVERY = 1_000; // ms between two words about what is on the screen

/** Whom an identity names; only the server can tell whether that is true. */
function subject(identity) {
  if (!identity) return undefined; // first: what is thrown takes 6 ms on a slow phone
  return attempt(() => JSON.parse(atob(identity.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"))).sub) ?? identity;
}

function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join(""); // crypto.randomUUID is absent on plain http
}

export class Session {
  #url;
  #store;
  #on;
  #socket = null;
  #token;
  #seq = 0; // the last event seen
  #catchUpTo = 0; // the last event that was there before this welcome
  #fromStart = true;
  #asks = false; // whether a score is to be asked for when everything before this welcome is shown
  #batch = []; // of a history, shown in one go
  #tries = 0;
  #timer = null;
  #stable = null; // the timer of a line that has just come up
  #inFlight = null;
  #patience = null;
  #state = "idle"; // idle | connecting | online | offline
  #listening = new AbortController();
  #identity;
  #locale;
  #typed = null; // the timer of the last key
  #seenSoon = null;
  #onScreen = 0; // the last event that was

  /**
   * `on` hears: state(name), welcome(frame), events(frames, isHistory), rated(frame), typing(frame), presence(frame), calm(frame),
   * askScore(), read() when another tab has shown everything, sent(id, isOurs), failed(id, sentence, again, code), trouble(sentence, code, id, isVote), reset(isSignOut).
   */
  constructor(server, store, on, { locale, identity }) {
    this.#locale = locale;
    this.#url = new URL("ws", server);
    this.#url.protocol = server.protocol === "http:" ? "ws:" : "wss:";
    this.#store = store;
    this.#on = on;
    this.#as(identity);
    const hear = (name, act) => addEventListener(name, act, this.#listening);
    hear("online", () => this.#hurry());
    hear("offline", () => this.online && this.#lost()); // the line itself would be silent for a long while
    hear("pageshow", ({ persisted }) => persisted && this.#redial()); // a page that was kept by the browser has lost its line, and hears of it late
    hear("visibilitychange", () => document.visibilityState === "visible" && this.#hurry());
    hear("storage", ({ key, newValue }) => {
      if (key === store.tokenKey || !key) this.#adopt(newValue);
      if (store.seen >= this.#seq) on.read();
    });
  }

  get online() {
    return this.#state === "online";
  }

  /** Who the visitor is, for what goes over HTTP: their secret, and the page's word. */
  get pass() {
    return { Authorization: `Bearer ${this.#token}`, ...(this.#identity && { "Frontdesk-Identity": this.#identity }) };
  }

  /** Connect, unless it already is; safe to call often. */
  connect() {
    if (this.#state === "idle") this.#dial();
  }

  destroy() {
    this.#listening.abort();
    this.#hangUp();
    for (const timer of [this.#timer, this.#stable, this.#typed, this.#seenSoon]) clearTimeout(timer);
    this.#state = "idle";
  }

  /** Say who the visitor is, by a JWT that the host's site made; the server answers it with a welcome. */
  identify(identity) {
    const before = this.#identity;
    if (before && !identity) {
      this.#store.dropToken(); // which signs the other tabs out
      this.#identity = this.#store.owner = null;
      this.#restart(true);
    } else if (subject(before) !== subject(identity)) {
      this.#as(identity);
      if (before) this.#restart(true);
    } else this.#identity = identity;
    this.#store.disown();
    this.#redial();
  }

  /** Forget the visitor; the next words are a stranger's. */
  reset() {
    this.#store.clear();
    this.#leave();
  }

  #leave() {
    this.#as(null);
    this.#restart(true);
    this.#redial();
  }

  /** Be this customer from now on, or nobody; what was said before signing in goes along. */
  #as(identity) {
    const store = this.#store;
    const unnamed = ((store.owner = null), store.token);
    this.#identity = identity;
    store.owner = subject(identity);
    this.#token = unnamed ?? store.token;
  }

  #redial() {
    if (this.#state !== "idle") this.#dial();
  }

  /** Say something now or as soon as the line is back; returns the message as kept. */
  say(text, choice = null, files = []) {
    const message = { id: newId(), text, choice, files, at: Date.now() };
    this.typing(false);
    if (this.#token) this.#store.token = this.#token; // before the message: who said it must not be forgotten
    this.#store.keep(message);
    this.connect();
    this.#next();
    return message;
  }

  /** Say a failed message again, under its first id. */
  again(id) {
    this.#mark(id);
    this.#hurry();
    this.#next();
  }

  forget(id) {
    this.#store.drop(id);
  }

  rate(messageId, value, reason) {
    this.#vote(`rate:${messageId}`, { type: "rate", message_id: messageId, value, comment: "", ...(reason && { reason }) });
  }

  score(score, comment) {
    this.#vote("csat", { type: "csat", score, ...(comment && { comment }) });
  }

  /** Keep a vote until the desk has it: repeating one changes nothing, and the latest of an id counts. */
  #vote(id, frame) {
    const vote = { id, text: "", at: Date.now(), frame };
    this.#store.keep(vote);
    this.#cast(vote);
  }

  #cast({ id, frame }) {
    if (this.online && this.#send(frame) && id === "csat") this.#store.drop(id); // which the desk does not confirm
  }

  /** The visitor touched a key, or is done. */
  typing(on) {
    if (!on && !this.#typed) return;
    if (!this.#typed || !on) this.#send({ type: "typing", on });
    clearTimeout(this.#typed);
    this.#typed = on ? setTimeout(() => this.typing(false), TYPED_FOR) : null;
  }

  /** Everything up to now is on the screen. */
  seen() {
    this.#onScreen = this.#seq;
    if (this.#seq > this.#store.seen) this.#store.seen = this.#seq;
    this.#seenSoon ??= setTimeout(() => {
      this.#seenSoon = null;
      this.#send({ type: "seen", seq: this.#onScreen });
    }, SEEN_EVERY);
  }

  #hello() {
    const page = { url: location.origin + location.pathname, title: document.title }; // a query may carry secrets
    const identity = this.#identity ? { identity: this.#identity } : {};
    this.#send({ type: "hello", token: this.#token, seq: this.#seq, locale: this.#locale, page, ...identity });
  }

  #dial() {
    clearTimeout(this.#timer);
    this.#hangUp();
    if (this.#state !== "offline") this.#become("connecting");
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    const mine = (act) => (event) => socket === this.#socket && act(event);
    socket.onopen = mine(() => this.#hello());
    socket.onmessage = mine((event) => this.#receive(JSON.parse(event.data)));
    socket.onclose = mine(() => this.#lost());
  }

  #lost() {
    this.#dialLater();
    this.#become("offline");
    this.#on.typing({ on: false });
  }

  #dialLater() {
    const ceiling = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#tries++);
    this.#hangUp();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#dial(), Math.random() * ceiling * 1000);
  }

  #hangUp() {
    this.#show();
    clearTimeout(this.#stable);
    clearTimeout(this.#patience);
    this.#inFlight = null;
    const socket = this.#socket;
    this.#socket = null; // first, so that its onclose is nobody's
    socket?.close();
  }

  #hurry() {
    if (this.#state === "offline" && !this.#socket) this.#dial();
  }

  /**
   * Another tab has begun the conversation: join it. Where the token is gone, the visitor has signed in or out there.
   *
   * A customer's tab takes no other's token: its own leads to the same conversation, and that one may be somebody else's.
   */
  #adopt(token) {
    if (!token) return this.#leave();
    if (this.#identity || token === this.#token) return;
    this.#token = token;
    if (this.#state === "idle") return;
    this.#restart();
    this.#dialLater(); // two tabs that could not agree would otherwise dial without a pause
  }

  #restart(isSignOut) {
    this.#seq = this.#onScreen = 0;
    this.#batch = []; // of the one before
    this.#on.reset(isSignOut);
  }

  #become(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.#on.state(state);
  }

  #send(frame) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  #receive(frame) {
    switch (frame.type) {
      case "welcome": return this.#welcome(frame);
      case "event": return this.#event(frame);
      case "ack": return this.#settled(frame.id);
      case "rated": return this.#rated(frame);
      case "typing": return this.#on.typing(frame);
      case "presence": return this.#on.presence(frame);
      case "status": return this.#on.calm(frame);
      case "ask_csat": return this.#on.askScore();
      case "error": return this.#refused(frame);
    }
  }

  #welcome(frame) {
    const forgotten = frame.token !== this.#token && this.#seq; // the server knows us no more
    const older = frame.seq && frame.seq < this.#seq; // its log was restored from a backup
    if (forgotten || older) this.#restart();
    if (older) return this.#dial();
    this.#token = frame.token;
    this.#store.welcomed(frame.token);
    this.#stable = setTimeout(() => (this.#tries = 0), STABLE);
    this.#catchUpTo = frame.seq;
    this.#fromStart = this.#seq === 0;
    this.#asks = frame.csat;
    this.#become("online");
    this.#on.welcome(frame);
    this.#caughtUp();
    for (const vote of this.#store.votes()) this.#cast(vote);
    return this.#next();
  }

  #event(frame) {
    if (frame.seq <= this.#seq) return;
    this.#seq = frame.seq;
    this.#batch.push(frame);
    if (frame.seq < this.#catchUpTo) return;
    this.#show();
    this.#caughtUp();
  }

  #caughtUp() {
    if (!this.#asks || this.#seq < this.#catchUpTo) return;
    this.#asks = false;
    this.#on.askScore();
  }

  #show() {
    const frames = this.#batch;
    this.#batch = [];
    if (!frames.length) return;
    for (const { client_message_id: id } of frames) if (id) this.#settled(id); // first: an answer may be among them
    this.#on.events(frames, this.#fromStart && frames.at(-1).seq <= this.#catchUpTo);
  }

  #settled(id) {
    this.#store.drop(id);
    this.#on.sent(id, this.#inFlight === id);
    if (this.#inFlight === id) this.#proceed();
  }

  #rated(frame) {
    this.#store.drop(`rate:${frame.message_id}`);
    this.#on.rated(frame);
  }

  #refused({ id, code, message }) {
    const isVote = !id && this.online; // votes are all that is answered without an id
    if (isVote) for (const vote of this.#store.votes()) this.#store.drop(vote.id);
    if (code === "bad_identity") this.#identity = this.#store.owner = null; // the visitor stays a stranger
    if (!id || id !== this.#inFlight) return this.#on.trouble(message, code, id, isVote);
    if (code === "restarting") return undefined; // the close that follows brings it back
    if (code === "rate_limited" || code === "busy") {
      this.#on.trouble(message, code, id);
      clearTimeout(this.#patience);
      this.#patience = setTimeout(() => this.#proceed(), BREATH);
      return undefined;
    }
    const again = code === "storage_unavailable";
    if (again) this.#mark(id, message);
    else this.#store.drop(id);
    this.#on.failed(id, message, again, code);
    return this.#proceed();
  }

  /** Keep with a message why it failed, or that it did not. */
  #mark(id, failed) {
    const message = this.#store.pending().find((each) => each.id === id);
    if (message) this.#store.keep({ ...message, failed });
  }

  #proceed() {
    clearTimeout(this.#patience);
    this.#inFlight = null;
    this.#next();
  }

  #next() {
    if (!this.online || this.#inFlight) return;
    const message = this.#store.pending().find((each) => !each.failed);
    if (!message) return;
    const { id, text, choice, files } = message;
    const enclosed = files?.length ? { files: files.map((file) => file.id) } : {};
    if (!this.#send({ type: "say", id, text, choice: choice ?? null, ...enclosed })) return;
    this.#inFlight = id;
    this.#patience = setTimeout(() => this.#lost(), ACK_PATIENCE);
  }
}
