// What an address asks the numbers for, pure: a period, its step, filters, and what of it is looked at.

import { query } from "../api.js";

export const SPANS = [7, 30, 90]; // days up to today
export const STEPS = [["hour", "By hour"], ["day", "By day"], ["week", "By week"]];
export const FILTERS = ["channel", "language", "release"];
const USUAL = { days: "30", from: "", to: "", step: "day", channel: "", language: "", release: "", show: "volume", by: "intent" };
const DAY = /^\d{4}-\d\d-\d\d$/;

/** What an address asks for, with the usual where it says nothing or nothing that there is. */
export function wanted(address) {
  const found = Object.fromEntries(Object.entries(USUAL).map(([name, usual]) => [name, address.get(name) || usual]));
  const own = DAY.test(found.from) && DAY.test(found.to) && found.from <= found.to;
  if (!own) found.from = found.to = "";
  found.days = own ? "" : SPANS.includes(Number(found.days)) ? found.days : USUAL.days;
  if (!STEPS.some(([step]) => step === found.step)) found.step = USUAL.step;
  return found;
}

/** The page's address for this: what is usual is left out. */
export function addressed(asked) {
  return `/console/numbers${query(Object.fromEntries(Object.entries(asked).map(([name, value]) => [name, value === USUAL[name] ? "" : value])))}`;
}

/** Where the numbers are had. */
export const path = (asked) => `/api/v1/numbers${request(asked)}`;

/** What the server is asked; `more` is the table of a CSV. */
export function request({ days, from, to, step, channel, language, release }, more = {}) {
  return query({ days, from, to, step, channel, language, release, ...more });
}
