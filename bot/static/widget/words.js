/** What the widget says, in the visitor's language. English sentences are the keys, so that one without a translation is still said. */

const ENGLISH = { // the forms that are not the key itself
  "{n} new messages": { one: "{n} new message" },
  "That is {n} characters too long for one message.": { one: "That is one character too long for one message." },
  "Usual wait: about {n} minutes.": { one: "Usual wait: about a minute." },
};

/**
 * Return t(english, values), which says a sentence in a language; `t.locale` is the language.
 *
 * @param {string} locale a BCP 47 tag
 * @param {Record<string, string | Record<string, string>>} table its sentences; several forms by plural category (of `values.n`)
 */
export function tongue(locale, table = {}) {
  let plural, number; // made when a number is to be said: on a slow phone they take longer than the whole panel
  const known = (sentences, key) => (Object.hasOwn(sentences, key) ? sentences[key] : undefined);
  const t = (english, values = {}) => {
    const forms = known(table, english) ?? known(ENGLISH, english) ?? english;
    const words = typeof forms === "string" ? forms : (forms[(plural ??= new Intl.PluralRules(locale)).select(values.n)] ?? forms.other ?? english);
    return words.replace(/\{(\w+)\}/g, (all, name) => {
      const value = known(values, name) ?? all;
      return typeof value === "number" ? (number ??= new Intl.NumberFormat(locale)).format(value) : value;
    });
  };
  return Object.assign(t, { locale });
}

/** Return a moment as people say it: the time today, else with its day. */
export function clock(locale, at, weekday = "short") {
  const today = at.toDateString() === new Date().toDateString();
  const soon = Math.abs(at - Date.now()) < 6 * 86_400_000; // within a week its name says which day
  const day = today ? {} : { weekday, ...(soon ? {} : { day: "numeric", month: "short" }) };
  return new Intl.DateTimeFormat(locale, { ...day, hour: "2-digit", minute: "2-digit" }).format(at);
}
