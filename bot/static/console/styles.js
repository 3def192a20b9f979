// A page's own style sheet, which comes with the page: `await styled(new URL("../NAME/NAME.css", import.meta.url))`.

const known = new Map();

/** Have a style sheet of this server's count for the page, once; whoever waits for it is never seen without. */
export function styled(url) {
  if (!known.has(url.href)) known.set(url.href, fetched(url));
  return known.get(url.href);
}

async function fetched(url) {
  const sheet = await new CSSStyleSheet().replace(await (await fetch(url)).text());
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
