// What is asked before all else, while the modules that show it are on their way: who is signed in, and what the page at this address begins with.

import { routed } from "./pages.js";

const { page, query } = routed(location);
const paths = ["/api/v1/me", ...(page.first ? [page.first(query)] : [])];

/** What was asked for, by its path; whoever takes an answer takes it out. */
export const early = new Map(paths.map((path) => [path, asked(path)]));

function asked(path) {
  const answer = fetch(path, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  answer.catch(() => {}); // whoever takes it hears of it
  return answer;
}
