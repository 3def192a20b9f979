/** The states that the page of states shows: what was said, how the desk stands, and what happens then. A test compares them with what the widget can say. */

const CLOSED = "This conversation is closed. What you write next begins a new one."; // the widget says these in its own languages
const GIVEN_BACK = "You are talking to the assistant again.";
const LOST = "Your message could not be kept just now.";
const UNREAD = "That could not be read.";
const MUCH = "That was a lot at once. The rest follows one by one.";
const PICTURE = new URL("coat.svg", import.meta.url).href;
const PERSON = { with_person: true };
const AGO = 25 * 60_000; // ms; a pause that is worth a line with the time
const SLOW = 800; // ms; a connection that is worth a word
const STAYS = 5_000; // ms, less than the widget lets a word about trouble stay

/** How a state begins: an open panel, one that is closed and listens, or one that cannot be fetched. */
const open = async (host) => {
  await host.open({ focus: false });
  await host.session.played;
};
const listening = async (host) => {
  host.shadowRoot.querySelector(".launcher").dispatchEvent(new Event("pointerenter")); // for which the panel is fetched
  await host.session.played;
};
const unreached = async (host) => {
  const { lang } = host;
  host.lang = "none"; // there is no such file
  await host.open();
  host.lang = lang;
};
const closed = () => {};

const customer = (text, more = {}) => ({ kind: "customer", text, ...more });
const bot = (text, more = {}) => ({ kind: "bot", action: "reply", text, rateable: true, ...more });
const handoff = (text) => bot(text, { action: "handoff", rateable: false });
const operator = (author, text, more = {}) => ({ kind: "operator", author, text, ...more });
const notice = (text) => ({ kind: "notice", text });
const offer = (labels) => labels.map((label, at) => ({ label, value: `c${at}` }));

/** Events with what each has in common, numbered. */
export function events(...said) {
  return said.map(({ ago = 0, ...each }, index) => ({
    type: "event", seq: index + 1, at: new Date(Date.now() - ago).toISOString(), message_id: `m${index}`, client_message_id: null, choices: [], files: [], sources: [], ...each,
  }));
}

function soon() {
  const at = new Date(Date.now() + 86_400_000);
  at.setHours(9, 0, 0, 0);
  return at.toISOString();
}

function carrying(...files) {
  const carried = new DataTransfer();
  for (const file of files) carried.items.add(file);
  return carried;
}

/** Hold a file above the panel; what takes it there comes a moment after the panel. */
async function hovering(panel) {
  while (!panel.matches(".over")) {
    panel.dispatchEvent(new DragEvent("dragover", { dataTransfer: carrying(new File(["x"], "tear.png")) }));
    await new Promise((done) => setTimeout(done, 20));
  }
}

function paste(root, ...files) {
  root.querySelector("textarea").dispatchEvent(new ClipboardEvent("paste", { clipboardData: carrying(...files) }));
}

/** Say these for the visitor; returns the messages' ids. */
async function say(host, ...texts) {
  const ids = [];
  const off = host.on("send", ({ id }) => ids.push(id));
  for (const text of texts) await host.send(text);
  off();
  return ids;
}

/** Wait until something is there: the widget fetches its parts when they are first needed. */
async function appeared(root, selector) {
  while (!root.querySelector(selector)) await new Promise((done) => setTimeout(done, 10));
}

const click = (root, selector, at = 0) => root.querySelectorAll(selector)[at].click();

async function thumbDown(root) {
  click(root, '[data-thumb="down"]');
  await appeared(root, ".reasons");
}

async function openMenu(root) {
  click(root, "[aria-expanded]");
  await appeared(root, ".menu");
}

async function attach(root, ...files) {
  paste(root, ...files);
  await appeared(root, ".upload");
}

async function giveScore(root, on) {
  await on.askScore();
  click(root, ".face-button", 3);
}

/** Return name -> { title, note, begin, opener, welcome, said, then }; `then` gets { host, root, on } once all was said. */
export function states(words) {
  const asked = [customer(words.ask), bot(words.answer)];
  const unclear = [customer(words.unclear), bot(words.clarify, { action: "clarify", rateable: false, choices: offer(words.choices) })];
  const cared = [customer(words.care), bot(words.quoted)];
  const passed = [customer(words.person), handoff(words.passed)];
  const ended = [customer(words.thanks), notice(CLOSED)];
  const all = {
    closed: { title: "Closed", note: "The launcher, with a line of the page beside it", begin: closed, opener: words.opener },
    unread: { title: "New messages", note: "The launcher counts what came while the panel was closed", begin: listening, listens: true, said: [customer(words.look), operator(words.operator, words.hello), operator(words.operator, words.looked)] },
    unreached: { title: "No connection at a tap", note: "Said by the launcher, in the browser's language; another tap tries again", begin: unreached },
    welcome: { title: "Welcome", note: "A greeting, and what to ask first", welcome: { starters: offer(words.starters) } },
    received: { title: "Received", note: "The tick under what was said, and the dots before an answer", then: async ({ host, on }) => { const [id] = await say(host, words.ask); on.sent(id, false); on.typing({ on: true }); } },
    answer: { title: "Answer", note: "Markdown, thumbs, what others asked next", said: [customer(words.ask), bot(words.answer, { choices: offer(words.next) })] },
    choices: { title: "Choices", note: "The bot asks back", said: unclear },
    chosen: { title: "Chosen", note: "What was tapped stays marked; the time, after a pause", said: [...unclear.map((one) => ({ ...one, ago: AGO })), customer(words.choices[0]), bot(words.looked)] },
    sources: { title: "Sources", note: "Cards with the pages that were quoted", said: [customer(words.care), bot(words.quoted, { sources: words.sources.map((title, at) => ({ title, url: `https://puddleandpine.example/care/${at}` })) })], then: ({ root }) => appeared(root, ".card") },
    reasons: { title: "Thumb down", note: "One tap counts; why is offered", said: cared, then: ({ root }) => thumbDown(root) },
    thanked: { title: "Thumb down, with why", note: "Thanks in the place of the reasons", said: cared, then: async ({ root }) => { await thumbDown(root); click(root, ".reasons .choice", 2); } },
    files: {
      title: "Files", note: "A picture and a label that came; one on its way, one that can be tried again, one refused",
      said: [
        customer(words.look, { files: [{ name: "tear.png", url: PICTURE, type: "image/png", size: 184_000 }] }),
        bot(words.looked, { files: [{ name: "return-label.pdf", url: "/files/1/return-label.pdf", type: "application/pdf", size: 86_400 }] }),
      ],
      then: ({ root }) => attach(root, new File([new Uint8Array(2_400_000)], "receipt.pdf"), new File([new Uint8Array(512_000)], "zip.jpg"), new File([new Uint8Array(10_000_001)], "holiday.mov")),
    },
    dropping: { title: "A file above the panel", note: "It can be dropped anywhere", said: asked, then: ({ root }) => hovering(root.querySelector(".panel")) },
    waiting: { title: "A person is awaited", note: "With the usual wait", welcome: { ...PERSON, open: true, wait: 170 }, said: passed },
    closing: { title: "Outside opening hours", note: "When the people are back", welcome: { ...PERSON, open: false, opens: soon() }, said: passed },
    operator: { title: "A person answers", note: "Their name, and that they type", welcome: { ...PERSON, operator: words.operator }, said: [customer(words.person), operator(words.operator, words.hello)], then: ({ on }) => on.typing({ on: true, who: "operator", name: words.operator }) },
    edited: { title: "Edited", note: "A person has changed what they wrote, where it stands", welcome: { ...PERSON, operator: words.operator }, said: [customer(words.person), operator(words.operator, words.hello), customer(words.thanks), operator(words.operator, words.edited, { edits: "m1" })] },
    returned: { title: "Handed back", note: "The assistant goes on; a person who is not named", said: [customer(words.look), operator("", words.looked), notice(GIVEN_BACK), ...asked] },
    newest: { title: "Further up", note: "A message came while older ones were read", said: [...asked, ...cared, ...unclear, ...cared, ...asked], then: ({ root, on }) => { root.querySelector(".scroll").scrollTop = 0; on.events(events(bot(words.quoted)), false); } },
    connecting: { title: "Connecting", note: "Said only where it takes a while", said: asked, then: async ({ host, on }) => { on.state("connecting"); await say(host, words.waiting[0]); await new Promise((done) => setTimeout(done, SLOW)); } },
    offline: { title: "Offline", note: "What was written waits", said: asked, then: async ({ host, on }) => { on.state("offline"); await say(host, ...words.waiting); } },
    refused: { title: "Not taken", note: "One message can be tried again, one has to be changed", said: asked, then: async ({ host, on }) => { const [first, second] = await say(host, ...words.waiting); on.failed(first, LOST, true); on.failed(second, UNREAD, false); } },
    trouble: { title: "A word about trouble", note: "It goes by itself; a message is on its way", said: asked, then: async ({ host, on }) => { await say(host, words.waiting[0]); const tell = () => on.trouble(MUCH); tell(); setInterval(tell, STAYS); } },
    loading: { title: "The model is loading", note: "A calm line", said: [customer(words.ask)], then: ({ on }) => on.calm({ state: "loading" }) },
    late: { title: "An answer is late", note: "A calm line, and the dots", said: [customer(words.ask)], then: ({ on }) => { on.calm({ state: "calm" }); on.typing({ on: true }); } },
    score: { title: "Score", note: "Asked when a conversation has ended", said: ended, then: ({ on }) => on.askScore() },
    scored: { title: "Score given", note: "Words, if they like", said: ended, then: ({ root, on }) => giveScore(root, on) },
    done: { title: "Score, done", note: "Thanks in the place of the question", said: ended, then: async ({ root, on }) => { await giveScore(root, on); click(root, ".score-ends .small"); } },
    menu: { title: "Menu", note: "What is needed seldom", welcome: { telegram: true }, said: asked, then: ({ root }) => openMenu(root) },
  };
  for (const state of Object.values(all)) state.begin ??= open;
  return all;
}
