// Figures as people read them, pure: what they are, how they changed, and whether that is good.

const GOOD = { containment: 1, resolution: 1, confirmed: 1, satisfaction: 1, abandonment: -1, abandoned: -1, rejected: -1, reopened: -1, first_response: -1, unanswered: -1, unhappiness: -1 };
const NONE = "\u2013";
const MINUS = "\u2212";

const whole = new Intl.NumberFormat();
const tenth = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat(undefined, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
const about = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 0 });

const UNITS = { count: (value) => whole.format(value), share: (value) => percent.format(value), score: (value) => tenth.format(value), seconds: lasting };

/** Return a figure in its unit; a dash where there is nothing to take it of. */
export const said = (value, unit = "count") => (value === null || value === undefined ? NONE : UNITS[unit](value));

export const roughly = (share) => about.format(share);

/** Seconds as people say them, two units at most. */
export function lasting(seconds) {
  const [days, hours, minutes] = [86_400, 3600, 60].map((unit) => Math.floor(seconds / unit));
  if (days) return `${days} d ${hours % 24} h`;
  if (hours) return `${hours} h ${minutes % 60} min`;
  return minutes ? `${minutes} min ${Math.round(seconds % 60)} s` : `${Math.round(seconds)} s`;
}

const signed = (value, words) => `${value > 0 ? "+" : value < 0 ? MINUS : "\u00b1"}${words}`;

/** How a figure changed: rates in percentage points, scores in points, counts and times in percent; empty where there is nothing to say. */
export function changed({ value, previous, unit }) {
  if (value === null || previous === null || (!value && !previous)) return "";
  const by = value - previous;
  if (unit === "share") return signed(rounded(100 * by), `${tenth.format(Math.abs(100 * by))} pp`);
  if (unit === "score") return signed(rounded(by), tenth.format(Math.abs(by)));
  return previous ? signed(Math.round((100 * by) / previous), about.format(Math.abs(by) / previous)) : "";
}

const rounded = (value) => Math.round(10 * value) / 10;

/** Whether a change is for the better, 1, for the worse, -1, or neither. */
export function better(name, { value, previous, unit }) {
  if (value === null || previous === null) return 0;
  const smallest = unit === "share" ? 0.0005 : unit === "score" ? 0.05 : 0;
  const by = value - previous;
  return Math.abs(by) <= smallest ? 0 : Math.sign(by) * (GOOD[name] ?? 0);
}

/** The share of one count of a row; null of none. */
export const share = (part, of) => (of ? part / of : null);

/** The rates of a row of counts, as the server reckons them for the whole. */
export const rates = (row) => ({
  containment: share(row.ended - row.handed_off, row.ended),
  resolution: share(row.confirmed, row.ended),
  abandonment: share(row.abandoned, row.ended),
  unhappiness: share(row.unhappy, row.felt),
});

/** What a language is called; what is no tag of one stays as it is. */
export function language(tag) {
  try {
    return new Intl.DisplayNames(undefined, { type: "language" }).of(tag);
  } catch {
    return tag;
  }
}
