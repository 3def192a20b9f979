// What an alert says, in the words of whoever reads it.

import { html } from "lit";
import { said } from "./numbers/figures.js";

const KINDS = { negative: "Unhappy messages", handoffs: "Hand-offs to people", unanswered: "Questions without an answer" };

/** Return what rose; `titled` names a topic. */
export function rise({ kind, topic, seen, expected, minutes }, titled) {
  const what = kind === "topic" ? html`Questions about <bdi>${titled(topic)}</bdi>` : (KINDS[kind] ?? kind);
  const span = minutes < 60 ? `${minutes} minutes` : minutes === 60 ? "one hour" : `${minutes / 60} hours`;
  return html`<b>${what}</b>: ${said(seen)} in ${span}, where ${said(expected, expected < 10 ? "score" : "count")} are usual at this hour of the week`;
}
