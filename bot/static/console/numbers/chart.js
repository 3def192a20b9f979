// A chart of the series, drawn by uPlot on a canvas, and never without its table beside it.

import { Part, define, html, nothing } from "../part.js";
import { styled } from "../styles.js";
import { roughly, said } from "./figures.js";

const HEIGHT = 248; // pixels
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000];
const DAYS = [1, 2, 7, 14, 28, 56, 112, 364].map((days) => days * 86_400);
const DASHES = [[], [6, 4], [2, 3], [8, 3, 2, 3]];
const utc = (options) => new Intl.DateTimeFormat(undefined, { ...options, timeZone: "UTC" }); // days are the desk's, whatever the browser's zone
const day = utc({ day: "numeric", month: "short" });
const hour = utc({ hour: "2-digit", minute: "2-digit" });
const both = utc({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const weekday = utc({ weekday: "short", day: "numeric", month: "short" });

const ink = ({ tone }, place) => tone ?? `line-${place}`;
const at = (row) => Date.parse(row.at.includes("T") ? `${row.at}Z` : row.at) / 1000;

class Chart extends Part {
  static properties = { rows: {}, lines: {}, unit: {}, step: {}, title: {}, csv: {}, place: { state: true }, fault: { state: true } };

  constructor() {
    super();
    this.place = null;
    this.fault = "";
  }

  connectedCallback() {
    super.connectedCallback();
    this.sized = new ResizeObserver(() => this.plot?.setSize(this.#size));
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.redrawn = () => this.#draw();
    this.scheme.addEventListener("change", this.redrawn);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.sized.disconnect();
    this.scheme.removeEventListener("change", this.redrawn);
    this.plot?.destroy();
    this.plot = null;
  }

  async firstUpdated() {
    try {
      const uplot = "../vendor/uplot";
      const [{ default: made }] = await Promise.all([import(`${uplot}/uPlot.iife.min.js`), styled(new URL(`${uplot}/uPlot.min.css`, import.meta.url))]);
      this.made = made;
      this.sized.observe(this.querySelector(".plot"));
      this.#draw();
    } catch (error) {
      this.fault = "The chart could not be loaded. The table has every figure.";
      console.error(error);
    }
  }

  updated(changed) {
    if (["rows", "lines", "unit", "step"].some((name) => changed.has(name))) this.#draw();
  }

  get #size() {
    return { width: Math.max(200, this.querySelector(".plot").clientWidth), height: HEIGHT };
  }

  #draw() {
    if (!this.made || !this.isConnected) return;
    this.plot?.destroy();
    const data = [this.rows.map(at), ...this.lines.map(({ of }) => this.rows.map(of))];
    this.plot = new this.made({ ...this.#size, ...this.#looks() }, data, this.querySelector(".plot"));
  }

  /** The colours are those that the page has now: a canvas knows no variables. */
  #looks() {
    const colour = (selector) => getComputedStyle(this.querySelector(selector)).color;
    const axis = { stroke: colour(".ink-axis"), font: "11px system-ui, sans-serif", ticks: { show: false } };
    const grid = { stroke: colour(".ink-grid"), width: 1 };
    const short = this.step !== "hour";
    return {
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, y: false, points: { size: 7 } },
      hooks: { setCursor: [(plot) => (this.place = plot.cursor.idx ?? null)] },
      scales: { x: { time: true }, y: { range: (_, __, most) => this.#range(most) } },
      axes: [
        { ...axis, grid: { show: false }, space: 70, ...(short ? { incrs: DAYS } : {}), values: (_, splits) => splits.map((one) => this.#tick(one)) },
        { ...axis, grid, size: 48, ...(this.unit === "count" ? { incrs: STEPS } : {}), values: (_, splits) => splits.map((one) => (this.unit === "share" ? roughly(one) : said(one, one % 1 ? "score" : "count"))) },
      ],
      series: [{}, ...this.lines.map((line, place) => ({ stroke: colour(`.swatch.${ink(line, place)}`), width: 2, dash: DASHES[place], points: { show: this.rows.length < 15 ? true : undefined, size: 6 } }))],
      tzDate: (seconds) => this.made.tzDate(new Date(seconds * 1000), "UTC"),
    };
  }

  #range(most) {
    if (this.unit === "share") return [0, most > 0.5 ? 1 : Math.max(0.1, Math.ceil(10 * most) / 10)];
    return this.unit === "score" ? [1, 5] : [0, Math.max(4, Math.ceil((most ?? 0) * 1.08))];
  }

  #tick(seconds) {
    return this.step === "hour" && seconds % 86_400 ? hour.format(seconds * 1000) : day.format(seconds * 1000);
  }

  #named(row) {
    return (this.step === "hour" ? both : this.step === "week" ? day : weekday).format(at(row) * 1000);
  }

  #reading() {
    const row = this.rows[this.place ?? -1];
    return row ? html`<bdi>${this.#named(row)}</bdi>` : nothing;
  }

  render() {
    const row = this.rows[this.place ?? -1];
    return html`<figure class="drawn">
        <figcaption>
          <ul class="legend">${this.lines.map((line, place) => html`<li><svg class="swatch ${ink(line, place)}" viewBox="0 0 22 4" width="22" height="4" aria-hidden="true"><line x1="0" x2="22" y1="2" y2="2" stroke-dasharray=${DASHES[place].join(" ")} /></svg>${line.title}${row ? html` <b>${said(line.of(row), this.unit)}</b>` : nothing}</li>`)}</ul>
          <span class="quiet">${this.#reading()}</span><span class="ink-axis"></span><span class="ink-grid"></span></figcaption>
        <div class="plot" dir="ltr" role="img" aria-label=${`${this.title}, drawn over time. The table has the same figures.`}></div>
        ${this.fault ? html`<p class="quiet" role="status">${this.fault}</p>` : nothing}
      </figure>
      <div class="beside">
        <div class="scrolled" tabindex="0" role="region" aria-label=${`${this.title} as a table`}><table>
          <thead><tr><th scope="col">${{ hour: "Hour", day: "Day", week: "Week from" }[this.step]}</th>${this.lines.map(({ title }) => html`<th scope="col" class="number">${title}</th>`)}</tr></thead>
          <tbody>${this.rows.toReversed().map((one) => html`<tr class=${one === row ? "pointed" : ""}><th scope="row">${this.#named(one)}</th>${this.lines.map(({ of }) => html`<td class="number">${said(of(one), this.unit)}</td>`)}</tr>`)}</tbody>
        </table></div>
        ${this.csv ? html`<a href=${this.csv} download>All columns as CSV</a>` : nothing}
      </div>`;
  }
}
define("desk-chart", Chart);
