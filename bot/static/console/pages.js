// The pages of the console, in the order of the navigation. A page is a module that exports `tag`, `title` and the element class `Page`,
// and is fetched when somebody opens it. Its element gets `desk` ({me, api, live, keys, say, go, may}) and `route` ({rest, query}).
// To add one: write pages/NAME.js, and give its line here a `load`, and a `first` where it begins with one question to the server, whose path
// follows from the query of its address.

import * as inbox from "./inbox/rows.js";
import * as numbers from "./numbers/asked.js";

export const PAGES = [
  { name: "inbox", title: "Inbox", first: (query) => inbox.path(inbox.wanted(query)), load: () => import("./pages/inbox.js") },
  { name: "review", title: "Review", load: () => import("./pages/review.js") },
  { name: "answers", title: "Answers", load: () => import("./pages/answers.js") },
  { name: "knowledge", title: "Knowledge", load: () => import("./pages/knowledge.js") },
  { name: "releases", title: "Releases", load: () => import("./pages/releases.js") },
  { name: "numbers", title: "Numbers", first: (query) => numbers.path(numbers.wanted(query)), load: () => import("./pages/numbers.js") },
  { name: "people", title: "People", role: "admin", load: () => import("./pages/people.js") },
];

const ROLES = ["viewer", "operator", "trainer", "admin"];

export const reaches = (role, needed) => ROLES.indexOf(role) >= ROLES.indexOf(needed);

/** Return the page of an address, its further steps and its query; the inbox where the address names none. */
export function routed(address) {
  const [, , name = "", ...rest] = address.pathname.split("/");
  const page = PAGES.find((one) => one.name === name) ?? PAGES[0];
  return { page, rest: rest.filter(Boolean).map(decodeURIComponent), query: new URLSearchParams(address.search) };
}
