/** The shades of the accent that the panel uses, by day and by night: whatever the accent is, text is readable at 4.5:1 (WCAG 2.2, 1.4.3). */

const WHITE = [255, 255, 255];
const BLACK = [0, 0, 0];
const DAY_BUBBLE = [240, 243, 241]; // the darkest surface of the light theme that links stand on, see style.js
const NIGHT = [23, 28, 27];
const NIGHT_BUBBLE = [42, 51, 49]; // and the lightest of the dark one

function luminance(rgb) {
  const [r, g, b] = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** WCAG 2.2's contrast of two colours, 1 to 21. */
export function contrast(a, b) {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** Move `colour` towards `target` until it stands out from `ground` by `least`. */
function towards(target, colour, ground, least) {
  let now = colour;
  for (let share = 0; share <= 1 && contrast(now, ground) < least; share += 0.04) {
    now = colour.map((v, at) => Math.round(v + (target[at] - v) * share));
  }
  return now;
}

/** Return the shades of an accent, each [r, g, b]: fills, the text on them, and links. */
export function shades(accent) {
  const ink = (fill) => (contrast(WHITE, fill) >= 4.5 ? WHITE : BLACK);
  const night = towards(WHITE, accent, NIGHT, 3);
  return {
    "fill-day": accent, "on-fill-day": ink(accent), "link-day": towards(BLACK, accent, DAY_BUBBLE, 4.6),
    "fill-night": night, "on-fill-night": ink(night), "link-night": towards(WHITE, accent, NIGHT_BUBBLE, 4.6),
  };
}

/** Return the shades as custom properties of the host. */
export function paint(accent) {
  const lines = Object.entries(shades(accent)).map(([name, colour]) => `--${name}: rgb(${colour})`);
  return `:host { ${lines.join("; ")} }`;
}
