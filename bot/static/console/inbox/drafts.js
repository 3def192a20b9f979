// What an operator has written and not sent, kept by this tab: by conversation, words for the customer and for colleagues apart.

const key = (id, kind) => `frontdesk-draft:${kind}:${id}`;

export const draft = (id, kind) => sessionStorage.getItem(key(id, kind)) ?? "";

export function keep(id, kind, text) {
  if (text) sessionStorage.setItem(key(id, kind), text);
  else sessionStorage.removeItem(key(id, kind));
}

/** The place in the log up to which a conversation was looked at here. */
export const seen = (id) => Number(sessionStorage.getItem(`frontdesk-seen:${id}`) ?? 0);
export const see = (id, seq) => sessionStorage.setItem(`frontdesk-seen:${id}`, String(Math.max(seq, seen(id))));
