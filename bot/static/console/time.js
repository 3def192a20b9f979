// Times as an operator reads them.

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** How long it is since a time, short: 40s, 5m, 3h, 2d. */
export const since = (iso, now = Date.now()) => lasting(Math.max(0, now - Date.parse(iso)));

/** When something is due, in words: 4m left, and then overdue 2m. */
export function due(iso, now = Date.now()) {
  const left = Date.parse(iso) - now;
  return left > 0 ? `${lasting(left)} left` : `Overdue ${lasting(-left)}`;
}

/** Milliseconds in their largest unit. */
function lasting(passed) {
  if (passed < MINUTE) return `${Math.floor(passed / 1000)}s`;
  if (passed < 60 * MINUTE) return `${Math.floor(passed / MINUTE)}m`;
  if (passed < DAY) return `${Math.floor(passed / (60 * MINUTE))}h`;
  return `${Math.floor(passed / DAY)}d`;
}

/** The hour today, the day before today. */
export function when(iso, now = Date.now()) {
  const at = new Date(iso);
  return now - at < DAY && at.getDate() === new Date(now).getDate() ? clock.format(at) : day.format(at);
}

export const hour = (iso) => clock.format(new Date(iso));
export const whole = (iso) => full.format(new Date(iso));
export const dayOf = (iso) => new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" }).format(new Date(iso));

/** The choices of laying something aside: [words, time]. */
export function laters(now = new Date()) {
  const inHours = (hours) => new Date(now.getTime() + hours * 3_600_000);
  const morning = (days) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, 9);
  const monday = (8 - now.getDay()) % 7 || 7;
  return [
    ["In one hour", inHours(1)],
    ["In four hours", inHours(4)],
    ["Tomorrow at 9:00", morning(1)],
    ["Next Monday at 9:00", morning(monday)],
  ].map(([words, at]) => [words, at.toISOString()]);
}
