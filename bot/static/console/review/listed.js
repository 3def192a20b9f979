// A list of what the review looks at, one of it in focus, as the page has it.

/** Tells `change`, and `refused` with a sentence; the one in focus is `list[at]`. */
export class Listed extends EventTarget {
  list = [];
  at = 0;
  open = 0; // how many there are on the server
  known = false; // whether the server has answered yet
  fault = "";

  constructor(api) {
    super();
    this.api = api;
  }

  get current() {
    return this.list[this.at];
  }

  look(at) {
    this.at = Math.max(0, Math.min(this.list.length - 1, at));
    this.changed();
  }

  /** Take back the last decision; returns how many messages it was about. */
  async takenBack() {
    const { unlabelled, restored, reopened } = await this.api.post("/api/v1/review/undo");
    return unlabelled.length + restored.length + reopened.length;
  }

  refuse(refusal) {
    this.dispatchEvent(new CustomEvent("refused", { detail: `That was not kept. ${refusal.message}` }));
  }

  changed() {
    this.dispatchEvent(new Event("change"));
  }
}
