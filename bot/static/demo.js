/** The page for site owners: settings become attributes of the widget, and the line to copy. */

const form = document.querySelector(".settings");
const snippet = document.querySelector(".snippet");
const widget = document.querySelector("frontdesk-widget");
const script = new URL("widget.js", location.href).href;

function quoted(text) {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}

/** The settings that differ from what is so anyway. */
function settings() {
  const chosen = Object.fromEntries(new FormData(form));
  if (chosen.accent === "#1d5c4f") delete chosen.accent;
  return Object.entries(chosen).filter(([, value]) => value);
}

function show() {
  form.elements.shown.value = form.elements.accent.value;
  const lines = settings().map(([name, value]) => ` data-${name}="${quoted(value)}"`);
  snippet.textContent = `<script src="${script}" defer${lines.join("\n       ")}></script>`;
}

function apply({ target: { name, value } }) {
  const attribute = name === "desk" ? "name" : name;
  if (value) widget.setAttribute(attribute, value);
  else widget.removeAttribute(attribute);
  show();
}

form.addEventListener("change", apply);
form.addEventListener("submit", (event) => event.preventDefault());
form.elements.accent.addEventListener("input", apply);
document.querySelector(".copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText(snippet.textContent);
  document.querySelector(".copied").textContent = "Copied";
});
show();
