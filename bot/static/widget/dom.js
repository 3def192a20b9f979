/** Nodes, made by hand: text only ever enters as text. */

const SVG = "http://www.w3.org/2000/svg";

/** Create <tag> with attributes (on* is a listener, null and false leave it out) and children. */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

const PATHS = {
  close: "M6 6l12 12M18 6L6 18",
  send: "M12 19V5.5M5.8 11.5L12 5.3l6.2 6.2",
  person: "M12 11.8a3.9 3.9 0 1 0 0-7.8 3.9 3.9 0 0 0 0 7.8ZM4.8 20c.6-3.5 3.5-5.4 7.2-5.4s6.6 1.9 7.2 5.4",
  up: "M7.5 10.5v9H4.8v-9h2.7Zm0 0 3.9-6.7c1.4 0 2.3 1.1 2 2.5l-.7 3.2h4.9c1.3 0 2.2 1.2 1.9 2.4l-1.4 5.8a2.3 2.3 0 0 1-2.2 1.8H7.5",
  down: "M16.5 13.5v-9h2.7v9h-2.7Zm0 0-3.9 6.7c-1.4 0-2.3-1.1-2-2.5l.7-3.2H6.4c-1.3 0-2.2-1.2-1.9-2.4l1.4-5.8a2.3 2.3 0 0 1 2.2-1.8h8.4",
  below: "M12 5v13.5M5.8 12.5L12 18.7l6.2-6.2",
  bell: "M4 18.5h16M6 18.5a6 6 0 0 1 12 0M12 12.5v-2.8M10.2 9.7h3.6",
};

/** One of our own line drawings, 24 units square. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
