/** Nodes, made by hand: text only ever enters as text. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Create an element: h("button.send", { onclick: send }, "Send").
 *
 * @param {string} what a tag and classes; buttons get their type
 * @param {...*} rest attributes, if any (on* is a listener, null and false leave one out), and children (null is none)
 * @returns {HTMLElement}
 */
export function h(what, ...rest) {
  const [tag, ...classes] = what.split(".");
  const node = document.createElement(tag);
  const attributes = rest[0]?.constructor === Object ? rest.shift() : {};
  if (classes.length) node.className = classes.join(" ");
  if (tag === "button") node.type = tag;
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...rest.filter((child) => child !== null && child !== ""));
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
  clip: "M19 11.5l-7.2 7.2a4.4 4.4 0 0 1-6.2-6.2l7.6-7.6a3 3 0 0 1 4.2 4.2l-7.5 7.5a1.5 1.5 0 0 1-2.1-2.1l6.7-6.7",
  file: "M14 3.5H7a1.5 1.5 0 0 0-1.5 1.5v14A1.5 1.5 0 0 0 7 20.5h10a1.5 1.5 0 0 0 1.5-1.5V8L14 3.5V8h4.5",
  more: "M5.5 12h.01M12 12h.01M18.5 12h.01",
  check: "M5 12.5l4.5 4.5L19 7.5",
  sound: "M5 10v4h3l4 3.5v-11L8 10H5ZM15.5 9.5a3.5 3.5 0 0 1 0 5M17.8 7a7 7 0 0 1 0 10",
  save: "M12 4.5v10.5M7.5 11l4.5 4.5 4.5-4.5M5 19.5h14",
  plane: "M20 4.5L3.5 11l5.5 2.5L18 7l-6.5 8 6 4.5L20 4.5Z",
};

/** A line drawing, 24 units square. */
export function drawing(lines) {
  const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS(SVG, tag));
  const set = { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" };
  for (const name in set) svg.setAttribute(name, set[name]);
  path.setAttribute("d", lines);
  svg.append(path);
  return svg;
}

/** One of our own drawings. */
export function icon(name) {
  return drawing(PATHS[name]);
}
