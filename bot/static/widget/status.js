/** What the quiet line above the composer says, and the line under the desk's name. Pure. */

import { clock } from "./words.js";

/**
 * How things stand, as far as the panel knows; all but the state may be missing.
 *
 * @typedef {object} Standing
 * @property {"idle"|"connecting"|"online"|"offline"} state of the line
 * @property {string} trouble a sentence about something that has just gone wrong
 * @property {boolean} slow connecting takes long enough to be worth a word
 * @property {boolean} late an answer takes long
 * @property {boolean} loading no model is there yet
 * @property {string} sentence the server's own calm sentence
 * @property {boolean} withPerson a person has the conversation, or it waits for one
 * @property {string|null} operator who has it
 * @property {boolean} open whether people are there now
 * @property {string|null} opens when they are back, ISO
 * @property {number|null} wait seconds until one answers, usually
 */

/** Return the line's words, the worst thing first, empty where all is well; `down` where it is about trouble. */
export function calmLine(t, now) {
  const lost = now.state === "offline" && t(navigator.onLine ? "The line is down for a moment. What you write will be sent." : "You are offline. What you write will be sent.");
  if (now.trouble || lost) return { words: now.trouble || lost, down: true };
  return { words: quiet(t, now), down: false };
}

function quiet(t, now) {
  if (now.slow) return t("Connecting…");
  if (now.sentence) return now.sentence;
  if (now.withPerson && !now.operator) return awaited(t, now);
  if (now.loading) return t("The assistant is starting and will answer in a moment.");
  if (now.late) return t("The answer takes a little longer than usual.");
  return "";
}

function awaited(t, { open, opens, wait }) {
  if (!open && opens) return t("Our people are back {time} and will read what you write.", { time: clock(t.locale, new Date(opens), "long") });
  const person = t("A person will answer here.");
  return wait ? `${person} ${t("Usual wait: about {n} minutes.", { n: Math.ceil(wait / 60) })}` : person;
}

/** Return what stands under the desk's name. */
export function presence(t, { operator }) {
  return operator ? t("{name} is with you", { name: operator }) : t("Quick answers, real people");
}
