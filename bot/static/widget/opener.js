/** A line beside the launcher that the page set for its visitors (attribute `opener`): a tap opens the chat, a cross takes it away. */

const STYLE = `
.opener { position: absolute; inset-block-end: 96px; inset-inline-end: 24px; display: flex; align-items: start; inline-size: max-content; max-inline-size: min(280px, 80vw); border-radius: 18px; border-end-end-radius: 6px;
  background: #fff; color: #1b2321; font: 15px/1.45 system-ui, sans-serif; box-shadow: 0 0 0 1px #00000012, 0 8px 28px #00000030 }
:host([position="start"]) .opener { inset-inline: 24px auto; border-radius: 18px; border-end-start-radius: 6px }
.launcher[hidden] ~ .opener { display: none }
.opener button { all: unset; cursor: pointer; padding-block: 13px; padding-inline: 17px 0; overflow-wrap: anywhere }
.opener button + button { flex: none; padding: 0; inline-size: 44px; line-height: 46px; text-align: center; font-size: 19px }
.opener button:focus-visible { outline: 2px solid; outline-offset: -4px; border-radius: 18px }
@media (prefers-color-scheme: dark) { :host(:not([theme="light"])) .opener { background: #1f2624; color: #e9eeec; box-shadow: 0 0 0 1px #ffffff1f } }
:host([theme="dark"]) .opener { background: #1f2624; color: #e9eeec; box-shadow: 0 0 0 1px #ffffff1f }
@media (forced-colors: active) { .opener { border: 1px solid } }`;

const CLOSE = {
  en: "Close", ar: "إغلاق", de: "Schließen", es: "Cerrar", fr: "Fermer", he: "סגירה", hi: "बंद करें", ja: "閉じる", pt: "Fechar", ru: "Закрыть", "zh-Hans": "关闭", "zh-Hant": "關閉",
};

/** Show what the host's attribute says beside its launcher. */
export function show(host, launcher) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  host.shadowRoot.adoptedStyleSheets.push(sheet);
  const [box, words, cross] = ["div", "button", "button"].map((tag) => document.createElement(tag));
  box.className = "opener";
  Object.assign(words, { type: "button", dir: "auto", textContent: host.getAttribute("opener"), onclick: () => host.open() });
  Object.assign(cross, { type: "button", ariaLabel: CLOSE[host.lang], textContent: "×", onclick: () => box.remove() });
  box.append(words, cross);
  launcher.after(box);
  host.addEventListener("frontdesk-open", () => box.remove(), { once: true });
}
