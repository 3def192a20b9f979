// Icons, drawn here: 16 by 16, in the colour of the words beside them, and silent to screen readers.

import { html } from "lit";


export const ICONS = {
  desk: html`<svg class="icon mark" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><path d="M4 14a6 6 0 0 1 12 0zM2.5 16.5h15M10 8V5.5M8.5 5h3" /></svg>`,
  bot: html`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M3 6.5h10v6H3zM8 6.5V3.8M6 9v1M10 9v1M7 3.5h2" /></svg>`,
  person: html`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M8 8a2.6 2.6 0 1 0 0-5.2A2.6 2.6 0 0 0 8 8zM3 13.5c.4-2.4 2.4-3.6 5-3.6s4.6 1.2 5 3.6" /></svg>`,
  note: html`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M3 3h10v7l-3 3H3zM13 10h-3v3M5.5 6h5M5.5 8.5h3" /></svg>`,
  up: html`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M2.5 7.5h2.5v5.5H2.5zM5 8l2.5-5c1.2 0 1.7.8 1.5 1.8L8.6 6.7h3.6c1 0 1.5.8 1.3 1.6l-.9 3.6c-.2.7-.7 1.1-1.4 1.1H5" /></svg>`,
  down: html`<svg class="icon flipped" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M2.5 7.5h2.5v5.5H2.5zM5 8l2.5-5c1.2 0 1.7.8 1.5 1.8L8.6 6.7h3.6c1 0 1.5.8 1.3 1.6l-.9 3.6c-.2.7-.7 1.1-1.4 1.1H5" /></svg>`,
  search: html`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3l3.2 3.2" /></svg>`,
  clock: html`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M8 13.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM8 5v3.2l2 1.3" /></svg>`,
  file: html`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M4 2.5h5l3 3v8H4zM9 2.5v3h3" /></svg>`,
  clip: html`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="m12.5 7.5-4.6 4.6a2.9 2.9 0 0 1-4.1-4.1l5-5a1.9 1.9 0 0 1 2.7 2.7l-5 5a.9.9 0 0 1-1.3-1.3l4.5-4.5" /></svg>`,
  cross: html`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="m4.5 4.5 7 7M11.5 4.5l-7 7" /></svg>`,
  low: html`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M8 13.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM5.5 11c.5-1.1 1.4-1.7 2.5-1.7s2 .6 2.5 1.7M6 6.3v.9M10 6.3v.9" /></svg>`,
  back: html`<svg class="icon turns" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M9.5 3.5 5 8l4.5 4.5" /></svg>`,
};
