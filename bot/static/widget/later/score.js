/** How satisfied the visitor is, asked at the end of a conversation: one tap, and words if they like. */

import { drawing, h } from "../dom.js";

export const LOOKS = `
.score { animation: arrive .26s cubic-bezier(.2, .9, .3, 1); margin-block-start: 20px; padding: 16px; border-radius: 20px; background: var(--raised); border: 1px solid var(--line); text-align: center }
.score > p { font-weight: 600 }
.faces { display: flex; justify-content: center }
.face-button { display: grid; place-items: center; inline-size: 52px; block-size: 52px; border-radius: 20px; color: var(--muted) }
.panel :is(.face-button:hover, .face-button[aria-pressed="true"]) { background: var(--bubble); color: var(--ink) }
.panel .face-button[aria-pressed="true"] { color: var(--link) }
.face-button .icon { inline-size: 36px; block-size: 36px; stroke-width: 1.4 }
.comment { inline-size: 100%; margin-block: 12px 8px; padding: 10px 14px; border-radius: 14px; border: 1px solid var(--edge); background: var(--surface); color: inherit; font: inherit; font-size: 16px; resize: none }
.score-ends { display: flex; justify-content: end; align-items: center; gap: 8px }
`;
const SCORES = ["Very poor", "Poor", "Fair", "Good", "Excellent"];
const FACE = "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM9 9.8h.01M15 9.8h.01";
const MOUTHS = ["M8.3 17q3.7-3.8 7.4 0", "M8.3 16.5q3.7-2 7.4 0", "M8.3 15.8h7.4", "M8.3 15q3.7 2.4 7.4 0", "M7.8 14.2q4.2 5 8.4 0Z"];

/** Return the question as a node; `give(score, comment)` keeps it, `ended` is called when the visitor is done with it. */
export function askScore(t, give, ended) {
  const question = t("How was this conversation?");
  const box = h("div.score", { role: "group", "aria-label": question });
  const done = () => {
    box.replaceChildren(h("p", { role: "status" }, t("Thank you for telling us.")));
    ended(); // what had the focus is gone
  };
  const more = (score) => {
    const comment = h("textarea.comment", { rows: "2", dir: "auto", maxlength: "4096", "aria-label": t("Anything you would like to add?"), placeholder: t("Anything you would like to add?") });
    const send = () => {
      if (comment.value.trim()) give(score, comment.value.trim());
      done();
    };
    const buttons = h("div.score-ends",
      h("button.small", { onclick: done }, t("Not now")),
      h("button.choice", { onclick: send }, t("Send")));
    box.querySelector(".score-more")?.remove();
    box.append(h("div.score-more", comment, buttons));
    box.closest(".scroll").scrollTop = 1e6; // the end: Send and Not now are seen, and the page stays where it is
  };
  const taken = (score) => {
    give(score);
    faces.forEach((each, at) => each.setAttribute("aria-pressed", String(at + 1 === score)));
    more(score);
  };
  const faces = SCORES.map((name, at) => h("button.face-button", { "aria-label": t(name), title: t(name), "aria-pressed": "false", onclick: () => taken(at + 1) }, drawing(`${FACE}${MOUTHS[at]}`)));
  const elsewhere = ({ key, newValue }) => {
    if (!newValue || !key.endsWith("say:csat")) return;
    removeEventListener("storage", elsewhere);
    if (!box.querySelector(".score-more")) box.remove(); // it was given in another tab
  };
  addEventListener("storage", elsewhere);
  box.append(h("p", { "aria-hidden": "true" }, question), h("div.faces", ...faces));
  return box;
}
