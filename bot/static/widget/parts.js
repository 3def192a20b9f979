/** What the panel does not need when it opens: each part is fetched with its first use, or before that, when the browser has nothing else to do. */

const PARTS = ["around", "cards", "menu", "reasons", "uploads", "score", "chime"]; // in later/, the likeliest first

const coming = new Map(); // name -> promise of the module, undefined where it could not be fetched
let failures = 0;

function fetched(name) {
  const anew = failures ? "#" + failures : ""; // some browsers remember for good that a module could not be fetched: this is another one to them
  if (!coming.has(name)) coming.set(name, import(`./later/${name}.js${anew}`).catch(() => { failures += 1; coming.delete(name); }));
  return coming.get(name);
}

export class Parts {
  #dress; // puts on a style sheet
  #worn = new Set();

  constructor(dress) {
    this.#dress = dress;
  }

  /** Return a part in its looks, undefined where it cannot be fetched now. */
  async get(name) {
    const part = await fetched(name);
    if (part?.LOOKS && !this.#worn.has(name)) this.#dress(part.LOOKS);
    if (part) this.#worn.add(name);
    return part;
  }

  /** Fetch what is not there yet, each in a quiet moment of its own: a first use waits for nothing then, and needs no line. */
  async prefetch() {
    for (const name of PARTS) {
      await new Promise((done) => (window.requestIdleCallback ?? setTimeout)(done));
      await fetched(name);
    }
  }
}
