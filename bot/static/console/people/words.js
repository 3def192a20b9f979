// What is said of people and of what they did, pure.

import { when } from "../time.js";

export const ROLES = [
  ["viewer", "Viewer", "reads everything but this page"],
  ["operator", "Operator", "answers customers too"],
  ["trainer", "Trainer", "labels, teaches and edits answers too"],
  ["admin", "Admin", "decides about people too"],
];
export const role = (name) => ROLES.find(([one]) => one === name)?.[1] ?? name;

const VIA = { session: "console", token: "program", shell: "command line" };
export const via = (name) => VIA[name] ?? name;

/** When somebody was here last; `seen` is null for whoever never was. */
export function lastSeen({ last_seen: seen, sessions }, now) {
  if (!seen) return "Never";
  return sessions.length && now - Date.parse(seen) < 2 * 60_000 ? "Now" : when(seen, now);
}

export function signedIn({ sessions, disabled }) {
  if (disabled || !sessions.length) return "Nowhere";
  return `${sessions.length} ${sessions.length > 1 ? "browsers" : "browser"}`;
}

/** What a line was and is now, where it says so. */
export const change = ({ before, after }) => [before, after].filter(Boolean).join(" \u2192 ");
