/** The panel's looks. Logical properties only, so that it mirrors by itself; the accent's shades come from colours.js. */

export const NARROW = "(max-width: 480px)"; // the panel covers the page

const DARK = `
  --fill: var(--fill-night); --on-fill: var(--on-fill-night); --link: var(--link-night); color-scheme: dark;
  --surface: #171c1b; --raised: #1f2624; --bubble: #2a3331; --ink: #e9eeec; --muted: #a9b6b2; --line: #39443f; --edge: #7c8a86;
  --calm: #353021; --calm-ink: #f0d9a0; --bad: #ffb4a9; --shadow: 0 0 0 1px #fff2, 0 24px 64px #000a;`;

export const STYLE = `
:host { --fill: var(--fill-day); --on-fill: var(--on-fill-day); --link: var(--link-day); color-scheme: light;
  --surface: #fff; --raised: #f7f9f8; --bubble: #f0f3f1; --ink: #1b2321; --muted: #596561; --line: #e2e7e4; --edge: #7d8985;
  --calm: #fbf3dd; --calm-ink: #664a05; --bad: #a3271d; --shadow: 0 0 0 1px #0001, 0 24px 64px #12201c38; }
@media (prefers-color-scheme: dark) { :host(:not([theme=light])) { ${DARK} } }
:host([theme=dark]) { ${DARK} }

.launcher:hover { filter: brightness(1.1) }
.unread { position: absolute; inset-block-start: -2px; inset-inline-end: -2px; min-inline-size: 10px; padding-inline: 6px; border-radius: 11px;
  background: #b3261e; color: #fff; font: 600 12px/22px system-ui, sans-serif }

:where(.panel, .panel *) { box-sizing: border-box; margin: 0 }
.panel { position: fixed; inset-block-end: max(24px, env(safe-area-inset-bottom)); inset-inline-end: 24px;
  inline-size: min(400px, calc(100vw - 48px)); block-size: min(760px, calc(100dvh - 48px));
  display: flex; flex-direction: column; overflow: hidden; border-radius: 24px; background: var(--surface); color: var(--ink);
  box-shadow: var(--shadow); font: 15.5px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  text-align: start; outline: none; stroke-width: 1.7; animation: rise .28s cubic-bezier(.2, .9, .3, 1) }
:host([position=start]) .panel { inset-inline: 24px auto }
.panel.over { outline: 2px dashed var(--link); outline-offset: -12px }
:where(.panel button) { all: unset; box-sizing: border-box; cursor: pointer }
.panel [hidden] { display: none!important }
.panel :focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
.icon { inline-size: 22px; block-size: 22px; flex: none; fill: none; stroke: currentColor; stroke-linecap: round; stroke-linejoin: round }
.unseen { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
:where(.mark, .round, .thumb, .face) { display: grid; place-items: center; flex: none }
:where(.round) { inline-size: 44px; block-size: 44px; border-radius: 22px; color: var(--muted) }
:where(.round, .thumb, .human):hover, .round[aria-expanded=true] { background: var(--bubble); color: var(--ink) }

.head { display: flex; align-items: center; padding-block: 14px; padding-inline: 20px 12px; border-block-end: 1px solid var(--line); position: relative; z-index: 1 }
.mark { inline-size: 42px; block-size: 42px; border-radius: 14px; background: var(--fill); color: var(--on-fill) }
.title { flex: 1; min-inline-size: 0; padding-inline-start: 12px }
.title * { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; inline-size: fit-content; max-inline-size: 100% }
h2 { font-size: 16.5px; line-height: 1.4 }
.title p, .label, .meta, .when, .notice, .typing, .status, small { font-size: 13px; line-height: 1.45; color: var(--muted) }
.menu-place { position: relative }
.menu-place > .round { stroke-width: 3 }

.list { flex: 1; min-block-size: 0; position: relative; display: flex }
.scroll { flex: 1; min-inline-size: 0; overflow-y: auto; overscroll-behavior: contain; padding: 20px; scrollbar-width: thin; scrollbar-color: var(--line) transparent }
.panel .scroll:focus-visible { outline-offset: -3px }
.message { display: flex; flex-direction: column; align-items: start; position: relative; margin-block-start: 16px }
.scroll > .message, .scroll > .message[hidden] ~ .log > :first-child { margin-block-start: 0 }
.customer + .customer, .bot + .bot, .operator + .operator { margin-block-start: 6px }
.live, .typing, .status { animation: arrive .26s cubic-bezier(.2, .9, .3, 1) }
.customer { align-items: end }
.bubble { max-inline-size: 86%; padding: 10px 15px; overflow-wrap: anywhere; border: 1px solid transparent; text-align: start }
.bubble, .dots { border-radius: 20px; border-end-start-radius: 7px; background: var(--bubble) }
.customer .bubble { background: var(--fill); color: var(--on-fill); border-end-start-radius: 20px; border-end-end-radius: 7px; white-space: pre-wrap }
.operator .bubble { background: var(--surface); border-color: var(--link) }
.bubble :not(small) + :is(p, ul, ol) { margin-block-start: 8px }
.bubble small { display: block }
.bubble :is(ul, ol) { padding-inline-start: 20px }
strong, bdi, h2 { font-weight: 600 }
.bubble code { font-size: .9em; padding-inline: 4px; border-radius: 5px; background: var(--surface) }
.panel a { color: var(--link); text-underline-offset: 3px }
.label { display: flex; align-items: center; gap: 7px; margin-block-end: 6px }
.face { inline-size: 24px; block-size: 24px; border-radius: 50%; background: var(--fill); color: var(--on-fill); font-weight: 600 }
.face .icon, .human .icon { inline-size: 17px; block-size: 17px }
.operator + .operator .label { display: none }
.failed .bubble { background: var(--surface); color: var(--ink); border-color: var(--edge) }
.meta { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 6px; margin: 4px 4px 0 }
.meta:empty { display: none }
.meta > .icon { inline-size: 14px }
.customer .meta { justify-content: end; text-align: end; max-inline-size: 86% }
.failed .meta { color: var(--bad) }
.small { min-block-size: 28px; padding-inline: 8px; border-radius: 8px; color: var(--link); font-weight: 600; text-decoration: underline }
.thumbs { display: flex; margin-inline-start: -8px }
.thumb { inline-size: 36px; block-size: 36px; border-radius: 14px; color: var(--muted) }
.thumb .icon { inline-size: 18px; block-size: 18px }
[data-thumb=down] .icon, .jump .icon { rotate: 180deg }
.panel .thumb[aria-pressed=true] { color: var(--link); background: var(--bubble) }
.thumb[aria-pressed=true] .icon { fill: currentColor; fill-opacity: .22 }

.choices { display: flex; flex-wrap: wrap; gap: 8px; margin-block-start: 10px }
.panel .choice { display: inline-flex; align-items: center; min-block-size: 44px; padding: 8px 16px; border-radius: 22px; border: 1px solid var(--link); color: var(--link); font-size: 14.5px;
  font-weight: 600; line-height: 1.4; overflow-wrap: anywhere }
.panel .next .choice { min-block-size: 36px; padding: 6px 14px; border-color: var(--line); font-weight: 500 }
@media (pointer: coarse) { .panel :is(.choice, .thumb) { min-block-size: 44px!important; min-inline-size: 44px } }
.panel .choice:enabled:hover { background: var(--fill); color: var(--on-fill); border-color: var(--fill) }
.panel .choice:disabled { cursor: default; color: var(--muted); border-color: var(--line) }
.panel .choice.taken { color: var(--ink); background: var(--bubble) }
.notice p, .when { text-align: center; inline-size: 100% }
.when { margin-block-end: 14px }
.typing, .dots { display: flex; align-items: center; gap: 10px }
.typing { margin-block-start: 14px }
.dots { gap: 5px; padding: 15px 16px }
.dots i { inline-size: 7px; block-size: 7px; border-radius: 50%; background: var(--muted); animation: breathe 1.2s ease-in-out infinite }
.dots i:nth-child(2) { animation-delay: .16s }
.dots i:nth-child(3) { animation-delay: .32s }
.panel .jump { position: absolute; inset-block-end: 10px; inset-inline-start: calc(50% - 22px); background: var(--surface); color: var(--link); box-shadow: var(--shadow) }

.foot { padding: 0 16px max(8px, env(safe-area-inset-bottom)) }
.status { padding: 8px 14px; margin-block-end: 8px; border-radius: 14px; background: var(--raised) }
.status.down { background: var(--calm); color: var(--calm-ink) }
.status:empty { position: absolute; padding: 0 }
.composer { padding: 5px; border-radius: 28px; border: 1px solid var(--edge); background: var(--raised) }
.composer:focus-within { border-color: var(--link); box-shadow: 0 0 0 1px var(--link) }
.row { display: flex; align-items: end; cursor: text }
.row textarea { all: unset; flex: 1; min-inline-size: 0; box-sizing: border-box; padding-block: 10px; max-block-size: 132px; overflow-y: auto; font: inherit; font-size: 16px;
  line-height: 24px; white-space: pre-wrap; overflow-wrap: anywhere; scrollbar-width: thin; text-align: start }
.panel .row textarea:focus-visible { outline: none } /* the whole composer shows it */
textarea::placeholder { color: var(--muted); opacity: 1 }
.panel .send { background: var(--fill); color: var(--on-fill) }
.panel .send:disabled { background: var(--bubble); color: var(--muted); cursor: default }
.panel .human { display: flex; align-items: center; gap: 7px; min-block-size: 44px; inline-size: fit-content; padding-inline: 14px; margin: 2px auto 0; border-radius: 14px; font-size: 13.5px; color: var(--muted) }
.foot:has(.human[hidden]) { padding-block-end: max(16px, env(safe-area-inset-bottom)) }

@keyframes rise { from { opacity: 0; transform: translateY(14px) scale(.985) } }
@keyframes arrive { from { opacity: 0; transform: translateY(8px) } }
@keyframes breathe { 0%, 60%, 100% { opacity: .35 } 30% { opacity: 1; transform: translateY(-3px) } }
@media ${NARROW} {
  .panel { inset: 0!important; inline-size: 100%; block-size: 100dvh; border-radius: 0; box-shadow: none; padding-block-start: env(safe-area-inset-top) }
}
@media (max-height: 420px) { .head { padding-block: 4px } .list { min-block-size: 96px } .panel { overflow-y: auto } }
@media (prefers-reduced-motion: reduce) { .panel, .panel * { animation: none!important; transition: none!important } }
@media (forced-colors: active) { .panel, .bubble, .panel .send, .head .round, .mark, .face { border: 1px solid CanvasText } .panel [aria-pressed=true] { border: 2px solid Highlight } }
`;
