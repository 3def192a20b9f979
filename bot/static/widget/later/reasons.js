/** Why an answer did not help: asked after a thumb down, which counts at once; nobody has to say. */

import { h } from "../dom.js";

export const LOOKS = `
.reasons { display: flex; flex-wrap: wrap; gap: 6px; inline-size: 100%; color: var(--ink) }
.reasons p { inline-size: 100% }
.panel .reasons .choice { min-block-size: 36px; padding: 6px 14px; border-color: var(--line); font-weight: 500; color: var(--ink) }
`;
const REASONS = { // as in conversations/events.py, Dislike
  not_my_question: "Not my question", wrong: "It is wrong", incomplete: "Something is missing", outdated: "Out of date", other: "Something else",
};

/** Return the question as a node; `give(reason)` takes the answer. */
export function askWhy(t, give) {
  const question = t("What was wrong with it?");
  const taken = (reason) => {
    const thanks = h("span.thanks", { tabindex: "-1" }, t("Thank you, that helps us."));
    give(reason);
    box.replaceWith(thanks);
    thanks.focus({ preventScroll: true }); // what had the focus is gone
  };
  const buttons = Object.entries(REASONS).map(([reason, label]) => h("button.choice", { onclick: () => taken(reason) }, t(label)));
  const box = h("div.reasons", { role: "group", "aria-label": question }, h("p", { "aria-hidden": "true" }, question), ...buttons);
  return box;
}
