// Review: what waits for a label, labels that are probably wrong, and topics that nobody has an answer to, each a view of its own.

import { Part, html, nothing } from "../part.js";
import { styled } from "../styles.js";
import "../review/waiting.js";
import "../review/suspects.js";
import "../review/topics.js";

await styled(new URL("../review/review.css", import.meta.url));

export const tag = "desk-review";
export const title = "Review";

const PATH = "/console/review";
const VIEWS = [
  { name: "", title: "Queue", of: "queue", shown: (desk) => html`<desk-waiting .desk=${desk}></desk-waiting>` },
  { name: "suspects", title: "Suspected", of: "suspects", shown: (desk) => html`<desk-suspects .desk=${desk}></desk-suspects>` },
  { name: "topics", title: "New topics", of: "topics", shown: (desk) => html`<desk-topics .desk=${desk}></desk-topics>` },
];

export class Page extends Part {
  static properties = { desk: {}, route: {}, open: { state: true } };

  constructor() {
    super();
    this.open = {}; // how many each view has, as far as it is known
    this.addEventListener("counted", ({ detail }) => (this.open = { ...this.open, ...detail }));
  }

  connectedCallback() {
    super.connectedCallback();
    this.desk.keys.offer(this, VIEWS.map(({ name, title }) => ({ id: `review-view-${name || "queue"}`, title: `Review: ${title}`, run: () => this.desk.go(address(name)) })));
    for (const { of } of VIEWS) this.#count(of);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.desk.keys.withdraw(this);
  }

  async #count(of) {
    const path = of === "queue" ? "/api/v1/review" : `/api/v1/review/${of}`;
    const found = await this.desk.api.get(`${path}?limit=1`).catch(() => null); // the view itself says what is wrong
    if (found) this.open = { [of]: found.open, ...this.open };
  }

  get #view() {
    return VIEWS.find(({ name }) => name === (this.route.rest[0] ?? "")) ?? VIEWS[0];
  }

  render() {
    const view = this.#view;
    return html`<nav class="views" aria-label="Review">${VIEWS.map((one) => html`<a href=${address(one.name)}
        aria-current=${one === view ? "page" : nothing}>${one.title}${this.open[one.of] === undefined ? nothing : html` <span class="count">${this.open[one.of]}</span>`}</a>`)}</nav>
      ${view.shown(this.desk)}`;
  }
}

const address = (name) => (name ? `${PATH}/${name}` : PATH);
