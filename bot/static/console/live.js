// The live line: one WebSocket that comes back by itself, each time after a random wait, so that a restarted server is not stormed.

const FIRST = 500; // milliseconds, the longest wait before the first try; doubled with each
const LONGEST = 30_000;
const STIRRED = 20_000; // milliseconds between two words that somebody is here

export class Live extends EventTarget {
  #socket = null;
  #tries = 0;
  #timer = 0;
  #watched = null;
  #stirred = 0;
  on = false;

  start() {
    if (this.#socket) return;
    const socket = new WebSocket(new URL("/api/v1/live", location.href.replace(/^http/, "ws")));
    this.#socket = socket;
    socket.onopen = () => this.#opened();
    socket.onmessage = (message) => this.#heard(JSON.parse(message.data));
    socket.onclose = () => this.#closed(socket);
  }

  stop() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#turn(false);
  }

  /** Have the events of one conversation, and be seen by colleagues as looking at it; null for none. */
  watch(id) {
    this.#watched = id;
    this.#send({ watch: id });
  }

  /** Say that somebody does something here, so that they do not count as gone. */
  here() {
    if (Date.now() - this.#stirred < STIRRED || !this.on) return;
    this.#stirred = Date.now();
    this.#send({ here: true });
  }

  typing(id, on) {
    this.#send({ typing: id, on });
  }

  #send(frame) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #opened() {
    this.#tries = 0;
    if (this.#watched) this.#send({ watch: this.#watched });
    this.#turn(true);
  }

  #heard(frame) {
    this.dispatchEvent(new CustomEvent(frame.kind, { detail: frame }));
  }

  #closed(socket) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    this.#turn(false);
    const longest = Math.min(LONGEST, FIRST * 2 ** this.#tries);
    this.#tries += 1;
    this.#timer = setTimeout(() => this.start(), Math.random() * longest);
  }

  #turn(on) {
    if (on === this.on) return;
    this.on = on;
    this.dispatchEvent(new CustomEvent("line", { detail: { on } }));
  }
}
