// A conversation's events as what is shown, pure: messages with the bot's understanding and the thumbs, and what happened in between.

const REASONS = {
  out_of_scope: "the question is not one the bot knows",
  still_unclear: "it stayed unclear what was meant",
  asked_for_person: "the customer asked for a person",
  upset: "the customer is upset",
  only_a_file: "there was a file and no words",
  no_answer: "there is no answer to it",
  failed: "something went wrong",
  from_knowledge: "from a knowledge page",
  confident: "sure",
  ambiguous: "unsure between several",
  turned_down: "the answer before was turned down",
  chosen: "the customer chose it",
  suggested: "a suggestion was tapped",
  with_operator: "a person has the conversation",
  operator_gone: "whoever had it was not there any more",
};
/** Return a reason in words; one that nobody has words for is said as it is, and be it called like what every object has. */
export const because = (reason) => (Object.hasOwn(REASONS, reason) ? REASONS[reason] : reason.replaceAll("_", " "));

const FACTS = {
  taken: (event) => `${event.operator} took over`,
  released: (event) => `${event.by ? `${event.by} let it go` : "It waits for anybody again"}${event.reason ? `: ${because(event.reason)}` : ""}`,
  givenback: (event) => (event.operator ? `${event.operator} gave it back to the bot` : "It went back to the bot by itself"),
  closed: (event) => (event.operator ? `${event.operator} resolved it` : `Closed: ${because(event.reason)}`),
  assigned: (event) => (event.to ? `${event.operator} asked ${event.to} to take care of it` : `${event.operator} asked nobody in particular any more`),
  snoozed: (event) => (event.until ? `${event.operator} laid it aside` : `${event.operator} brought it back`),
  joined: () => "The customer said who they are",
  erased: () => "What the customer said was erased",
};

/** Return the items of a conversation: `{kind: customer|bot|operator|note|fact, id, at, text, ...}` in order. */
export function said(events) {
  const items = [];
  const byId = new Map();
  const put = (event, item) => {
    const whole = { id: `${event.seq}`, seq: event.seq, at: event.at, ...item };
    items.push(whole);
    if (event.message_id) byId.set(event.message_id, whole);
  };
  for (const event of events) add(event, put, byId);
  return items;
}

function add(event, put, byId) {
  switch (event.kind) {
    case "heard":
      return put(event, { kind: "customer", text: event.text, files: event.files, corrected: Boolean(event.corrects) });
    case "decided":
      return decided(event, put, byId);
    case "told":
      return put(event, { kind: "bot", text: event.text, files: [], choices: event.choices, source: "" });
    case "operatorwrote":
      return put(event, { kind: "operator", who: event.operator, text: event.text, files: event.files, message: event.message_id });
    case "operatoredited":
      return Object.assign(byId.get(event.corrects) ?? {}, { text: event.text, edited: true, seq: event.seq });
    case "noted":
      return put(event, { kind: "note", who: event.operator, text: event.text, files: [] });
    case "rated":
      return Object.assign(byId.get(event.message_id) ?? {}, { thumb: event.value, comment: event.comment });
    case "undeliverable":
      return Object.assign(byId.get(event.message_id) ?? {}, { unsent: event.reason });
    case "scored":
      return put(event, { kind: "fact", text: `The customer gives ${event.score} of 5${event.comment ? `: ${event.comment}` : ""}` });
    default:
      return FACTS[event.kind] && put(event, { kind: "fact", text: FACTS[event.kind](event) });
  }
}

function decided(event, put, byId) {
  const understood = { intent: event.intent, confidence: event.confidence, reason: event.reason, verdict: event.verdict, action: event.action };
  const asked = byId.get(event.in_reply_to);
  if (asked) asked.understood = understood;
  if (event.action === "silent" || !event.text) return;
  put(event, { kind: "bot", text: event.text, files: [], choices: event.choices, source: event.source });
  if (event.action === "handoff") put({ ...event, message_id: "", seq: `${event.seq}-why` }, { kind: "fact", text: `Handed to a person: ${because(event.reason)}` });
}
