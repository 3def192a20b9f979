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

const PATHS = { // style.js turns the thumb and the arrow the other way round, too
  close: "M6 6l12 12M18 6L6 18",
  send: "M12 19V5.5M5.8 11.5L12 5.3l6.2 6.2",
  person: "M12 11.8a3.9 3.9 0 1 0 0-7.8 3.9 3.9 0 0 0 0 7.8ZM4.8 20c.6-3.5 3.5-5.4 7.2-5.4s6.6 1.9 7.2 5.4",
  thumb: "M7.5 10.5v9H4.8v-9h2.7Zm0 0 3.9-6.7c1.4 0 2.3 1.1 2 2.5l-.7 3.2h4.9c1.3 0 2.2 1.2 1.9 2.4l-1.4 5.8a2.3 2.3 0 0 1-2.2 1.8H7.5",
  bell: "M4 18.5h16M6 18.5a6 6 0 0 1 12 0M12 12.5v-2.8M10.2 9.7h3.6",
  clip: "M19 11.5l-7.2 7.2a4.4 4.4 0 0 1-6.2-6.2l7.6-7.6a3 3 0 0 1 4.2 4.2l-7.5 7.5a1.5 1.5 0 0 1-2.1-2.1l6.7-6.7",
  more: "M5.5 12h.01M12 12h.01M18.5 12h.01",
  check: "M5 12.5l4.5 4.5L19 7.5",
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
