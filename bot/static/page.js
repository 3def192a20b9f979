/** The shop's only script: a suggestion that is clicked lands in the widget's composer. */

for (const button of document.querySelectorAll("[data-ask]")) {
  button.addEventListener("click", () => document.querySelector("frontdesk-widget").draft(button.dataset.ask));
}
