/** The panel's looks. Logical properties only, so that it mirrors by itself; colours of the accent come from the launcher. */

const NIGHT = `
  --surface: #171c1b; --raised: #1f2624; --bubble: #2a3331; --ink: #e9eeec; --muted: #a9b6b2; --line: #323c39;
  --calm: #35302180; --calm-ink: #f0d9a0; --shadow: 0 0 0 1px #ffffff14, 0 24px 64px #000000a0;`;

export const STYLE = `
:host { --surface: #ffffff; --raised: #f8f9f8; --bubble: #f0f3f1; --ink: #1d2523; --muted: #5a6663; --line: #e4e8e6;
  --calm: #fbf3dd; --calm-ink: #6a4e06; --shadow: 0 0 0 1px #0000000d, 0 4px 12px #00000012, 0 24px 64px #12201c38; }
@media (prefers-color-scheme: dark) { :host(:not([theme="light"])) { ${NIGHT} } }
:host([theme="dark"]) { ${NIGHT} }

:where(.panel, .panel *) { box-sizing: border-box; margin: 0 }
.panel { position: fixed; inset-block-end: max(24px, env(safe-area-inset-bottom)); inset-inline-end: 24px;
  inline-size: min(400px, calc(100vw - 48px)); block-size: min(760px, calc(100dvh - 48px));
  display: flex; flex-direction: column; overflow: hidden; border-radius: 24px; background: var(--surface); color: var(--ink);
  box-shadow: var(--shadow); font: 400 15.5px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  text-align: start; outline: none; animation: rise .28s cubic-bezier(.2, .9, .3, 1) }
:host([position="start"]) .panel { inset-inline: 24px auto }
:where(.panel button) { all: unset; box-sizing: border-box; cursor: pointer; -webkit-tap-highlight-color: transparent; touch-action: manipulation }
.panel button[hidden] { display: none }
.panel :focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
.icon { inline-size: 22px; block-size: 22px; flex: none; fill: none; stroke: currentColor; stroke-width: 1.7; stroke-linecap: round; stroke-linejoin: round }
.unseen { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }

.head { display: flex; align-items: center; gap: 12px; padding-block: 16px 14px; padding-inline: 20px 12px; border-block-end: 1px solid var(--line) }
.mark { display: grid; place-items: center; flex: none; inline-size: 42px; block-size: 42px; border-radius: 14px; background: var(--fill); color: var(--on-fill) }
.mark .icon { inline-size: 27px; block-size: 27px }
.title { flex: 1; min-inline-size: 0 }
h2 { font: inherit; font-size: 16.5px; line-height: 1.3; font-weight: 650; letter-spacing: -.01em; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.title p { font-size: 12.5px; line-height: 1.4; color: var(--muted) }
.close { display: grid; place-items: center; flex: none; inline-size: 44px; block-size: 44px; border-radius: 14px; color: var(--muted) }
.panel .close:hover { background: var(--bubble); color: var(--ink) }

.list { flex: 1; min-block-size: 0; position: relative; display: flex }
.scroll { flex: 1; min-inline-size: 0; overflow-y: auto; overscroll-behavior: contain; padding: 20px; scrollbar-width: thin; scrollbar-color: var(--line) transparent }
.panel .scroll:focus-visible { outline-offset: -3px; border-radius: 4px }
.message { display: flex; flex-direction: column; align-items: start; position: relative; margin-block-start: 16px }
.message:first-child { margin-block-start: 0 }
.scroll > .message + .log > .message:first-child { margin-block-start: 16px }
.customer + .customer, .bot + .bot, .operator + .operator { margin-block-start: 6px }
.live { animation: arrive .26s cubic-bezier(.2, .9, .3, 1) }
.customer { align-items: end }
.bubble { max-inline-size: 86%; padding: 10px 15px; border-radius: 20px; background: var(--bubble); overflow-wrap: anywhere; border: 1px solid transparent }
.bot .bubble, .operator .bubble { border-end-start-radius: 7px }
.customer .bubble { background: var(--fill); color: var(--on-fill); border-end-end-radius: 7px; white-space: pre-wrap; transition: opacity .2s }
.operator .bubble { background: var(--surface); border-color: var(--link) }
.bubble :is(p, ul) + :is(p, ul) { margin-block-start: 8px }
.bubble ul { padding-inline-start: 18px }
.bubble li + li { margin-block-start: 3px }
.bubble li::marker { color: var(--muted) }
.bubble strong { font-weight: 650 }
.bubble a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: 2.5px }
.label { display: flex; align-items: center; gap: 5px; margin: 0 4px 5px; font-size: 12.5px; color: var(--muted) }
.label .icon { inline-size: 15px; block-size: 15px }
.operator + .operator .label { display: none }
.pending .bubble { opacity: .84 }
.failed + .message { margin-block-start: 14px }
.failed .bubble { opacity: 1; background: var(--surface); color: var(--ink); border-color: var(--muted) }
.meta { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 8px; margin: 4px 4px 0; font-size: 12.5px; line-height: 1.4; color: var(--muted) }
.meta:empty { display: none }
.customer .meta { justify-content: end; text-align: end; max-inline-size: 86% }
.small { min-block-size: 28px; padding-inline: 8px; border-radius: 8px; color: var(--link); font-weight: 600; text-decoration: underline; text-underline-offset: 3px }
.thumbs { display: flex; gap: 2px; margin-inline-start: -8px }
.thumb { display: grid; place-items: center; inline-size: 36px; block-size: 36px; border-radius: 12px; color: var(--muted); transition: color .15s, background .15s }
.thumb .icon { inline-size: 18px; block-size: 18px }
.panel .thumb:hover { background: var(--bubble); color: var(--ink) }
.panel .thumb[aria-pressed="true"] { color: var(--link); background: var(--bubble) }
.thumb[aria-pressed="true"] .icon { fill: currentColor; fill-opacity: .22 }
.attached { margin: 8px 4px 0; padding-inline-start: 18px; font-size: 14.5px; overflow-wrap: anywhere }
.attached a { color: var(--link) }
.choices { display: flex; flex-wrap: wrap; gap: 8px; margin-block-start: 10px }
.panel .choice { display: inline-flex; align-items: center; min-block-size: 44px; padding: 9px 16px; border-radius: 22px; border: 1px solid var(--link); color: var(--link); font-size: 14.5px;
  font-weight: 550; line-height: 1.35; overflow-wrap: anywhere; transition: background .15s, color .15s }
.next { margin-block-start: 6px }
.panel .next .choice { min-block-size: 38px; padding: 6px 14px; border-color: var(--line); font-size: 14px; font-weight: 500 }
@media (pointer: coarse) { .panel .next .choice { min-block-size: 44px } }
.panel .choice:enabled:hover { background: var(--fill); color: var(--on-fill); border-color: var(--fill) }
.panel .choice:disabled { cursor: default; color: var(--muted); border-color: var(--line) }
.panel .choice.taken { color: var(--ink); background: var(--bubble); border-color: var(--bubble) }
.notice, .when { display: block; margin-block: 18px 14px; text-align: center; font-size: 12.5px; color: var(--muted) }
.log > .when:first-child { margin-block-start: 14px }
.when + .message { margin-block-start: 0 }
.typing { display: flex; gap: 5px; inline-size: fit-content; margin-block-start: 14px; padding: 15px 16px; border-radius: 20px; border-end-start-radius: 7px; background: var(--bubble); animation: arrive .2s }
.typing i { inline-size: 7px; block-size: 7px; border-radius: 50%; background: var(--muted); animation: breathe 1.2s ease-in-out infinite }
.typing i:nth-child(2) { animation-delay: .16s }
.typing i:nth-child(3) { animation-delay: .32s }
.panel .jump { position: absolute; inset-block-end: 10px; inset-inline-start: calc(50% - 22px); display: grid; place-items: center; inline-size: 44px; block-size: 44px;
  border-radius: 50%; background: var(--surface); color: var(--link); box-shadow: var(--shadow) }

.foot { padding: 0 16px max(8px, env(safe-area-inset-bottom)) }
.status { font-size: 13px; line-height: 1.45; color: var(--muted); padding: 8px 12px; margin-block-end: 8px; border-radius: 12px; background: var(--raised); animation: arrive .2s }
.status.down { background: var(--calm); color: var(--calm-ink) }
.status:empty { position: absolute; padding: 0; margin: 0 }
.composer { display: flex; align-items: end; gap: 4px; padding: 5px; padding-inline-start: 17px; border-radius: 28px; border: 1px solid var(--line);
  background: var(--raised); cursor: text; transition: border-color .15s, box-shadow .15s }
.composer:focus-within { border-color: var(--link); box-shadow: 0 0 0 1px var(--link) }
textarea { all: unset; flex: 1; min-inline-size: 0; box-sizing: border-box; padding-block: 10px; max-block-size: 132px; overflow-y: auto; font: inherit; font-size: 16px;
  line-height: 24px; white-space: pre-wrap; overflow-wrap: anywhere; scrollbar-width: thin; caret-color: var(--link) }
.panel textarea:focus-visible { outline: none } /* the whole composer shows it */
textarea::placeholder { color: var(--muted); opacity: 1 }
.panel .send { display: grid; place-items: center; flex: none; inline-size: 44px; block-size: 44px; border-radius: 50%; background: var(--fill); color: var(--on-fill); transition: background .15s, color .15s, transform .15s }
.panel .send:disabled { background: var(--bubble); color: var(--muted); cursor: default }
.panel .send:enabled:active { transform: scale(.94) }
.panel .human { display: flex; align-items: center; justify-content: center; gap: 7px; min-block-size: 44px; inline-size: fit-content; padding-inline: 14px; margin: 2px auto 0; border-radius: 14px; font-size: 13.5px; color: var(--muted) }
.panel .human:hover { color: var(--link) }
.human .icon { inline-size: 17px; block-size: 17px }
.foot:has(.human[hidden]) { padding-block-end: max(16px, env(safe-area-inset-bottom)) }

@keyframes rise { from { opacity: 0; transform: translateY(14px) scale(.985) } }
@keyframes arrive { from { opacity: 0; transform: translateY(8px) } }
@keyframes breathe { 0%, 60%, 100% { opacity: .35; transform: none } 30% { opacity: 1; transform: translateY(-3px) } }
@media (max-width: 480px) {
  .panel, :host([position="start"]) .panel { inset: 0; inline-size: 100%; block-size: 100dvh; border-radius: 0; box-shadow: none; padding-block-start: env(safe-area-inset-top) }
}
@media (prefers-reduced-motion: reduce) { .panel, .panel * { animation: none !important; transition: none !important } }
@media (forced-colors: active) { .panel, .bubble, .panel .send, .panel .close, .mark { border: 1px solid CanvasText } }
`;
