/** The widget's methods and events, for pages written in TypeScript. `window.frontdesk` is the element. */

export interface FrontdeskEvents {
  /** The panel is open, or closed again. */
  open: undefined;
  close: undefined;
  /** The desk has said who it is. */
  ready: { name: string };
  /** The visitor said something. */
  send: { id: string; text: string };
  /** Somebody answered: the bot, a person, or a notice about the conversation; `edits` is the id of the message whose text this one takes the place of. */
  message: { kind: "bot" | "operator" | "notice"; id: string; text: string; author: string | null; edits: string | null };
  /** The conversation went to a person, and once more when one has it, or another one: with their name as the visitor sees it. */
  handoff: { operator: string | null };
  /** Messages that came while the panel was closed, or its tab behind others. */
  unread: { count: number };
  /** An answer was rated. */
  rate: { id: string; value: "up" | "down"; reason: string | null };
  /** The conversation was scored, 1 to 5. */
  score: { score: number; comment: string };
  /** The line to the desk. */
  state: { state: "connecting" | "online" | "offline" };
  /** Something was refused: "bad_identity", "rate_limited", "too_long", ...; `id` is that of the message, as in `send`, where it is about one that was kept. */
  error: { code: string; sentence: string; id: string | null };
}

export interface FrontdeskWidget extends HTMLElement {
  open(options?: { focus?: boolean }): Promise<void>;
  close(): void;
  /** Put words into the composer; the visitor sends them. */
  draft(text: string): Promise<void>;
  /** Say something for the visitor. */
  send(text: string): Promise<void>;
  /** Hear an event; returns what ends it. */
  on<Name extends keyof FrontdeskEvents>(name: Name, act: (detail: FrontdeskEvents[Name]) => void): () => void;
  /** Say who the visitor is: a JWT (HS256, at most 15 minutes) made by your server; null takes it back. */
  identify(token: string | null): void;
  setTheme(theme: "auto" | "light" | "dark"): void;
  /** A BCP 47 tag, or "auto" for the browser's language. */
  setLocale(tag: string): void;
  /** Forget the visitor in this browser; the next words begin anew. */
  reset(): Promise<void>;
  /** Take the widget off the page, with every node and listener. */
  destroy(): void;
}

declare global {
  interface Window {
    frontdesk?: FrontdeskWidget;
  }
  interface HTMLElementTagNameMap {
    "frontdesk-widget": FrontdeskWidget;
  }
  interface HTMLElementEventMap {
    "frontdesk-open": CustomEvent<FrontdeskEvents["open"]>;
    "frontdesk-close": CustomEvent<FrontdeskEvents["close"]>;
    "frontdesk-ready": CustomEvent<FrontdeskEvents["ready"]>;
    "frontdesk-send": CustomEvent<FrontdeskEvents["send"]>;
    "frontdesk-message": CustomEvent<FrontdeskEvents["message"]>;
    "frontdesk-handoff": CustomEvent<FrontdeskEvents["handoff"]>;
    "frontdesk-unread": CustomEvent<FrontdeskEvents["unread"]>;
    "frontdesk-rate": CustomEvent<FrontdeskEvents["rate"]>;
    "frontdesk-score": CustomEvent<FrontdeskEvents["score"]>;
    "frontdesk-state": CustomEvent<FrontdeskEvents["state"]>;
    "frontdesk-error": CustomEvent<FrontdeskEvents["error"]>;
  }
}
