// The server's API: JSON in, JSON out, and one sentence where something cannot be done.

const UNREACHABLE = "The server cannot be reached. What you wrote is kept here.";

export const LATER = 3000; // milliseconds until what passes is asked for again

/** What is said where so many events are not in the views yet; empty where it is but the latest moment. */
export const missing = (behind) => (behind > 1000 ? "This is being made anew. What is missing comes by itself." : "");

/** What the server refused: `message` is its sentence, `code` what it calls it, `more` whatever else it said. */
export class Refusal extends Error {
  constructor(status, more) {
    super(more.detail || `The server answered with ${status}.`);
    this.status = status;
    this.code = more.code || "";
    this.more = more;
  }

  /** Whether it may be otherwise in a moment: the server is not there, or makes anew what it was asked of. */
  get passes() {
    return this.status === 0 || this.status === 503;
  }
}

export class Api {
  csrf = "";
  signedOut = () => {};

  /** `early` are answers that are on their way, by path; each is for the first who asks for it. */
  constructor(early = new Map()) {
    this.early = early;
  }

  get(path) {
    return this.#ask("GET", path);
  }

  post(path, body = {}) {
    return this.#ask("POST", path, body);
  }

  put(path, body) {
    return this.#ask("PUT", path, body);
  }

  patch(path, body) {
    return this.#ask("PATCH", path, body);
  }

  delete(path) {
    return this.#ask("DELETE", path, {});
  }

  async #ask(method, path, body) {
    const headers = { Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (method !== "GET" && this.csrf) headers["X-CSRF"] = this.csrf;
    const answer = await this.#fetched(path, { method, headers, body: body && JSON.stringify(body), credentials: "same-origin" });
    if (answer.ok) return answer.status === 204 ? null : answer.json();
    const refusal = new Refusal(answer.status, await answer.json().catch(() => ({})));
    if (answer.status === 401) this.early.clear(); // nor was anything else answered
    if (answer.status === 401 && path !== "/console/login") this.signedOut();
    throw refusal;
  }

  async #fetched(path, request) {
    const begun = request.method === "GET" ? this.early.get(path) : undefined;
    this.early.delete(path);
    try {
      return await (begun ?? fetch(path, request));
    } catch {
      throw new Refusal(0, { detail: UNREACHABLE, code: "unreachable" });
    }
  }
}

/** Return a query without what is empty, with the question mark where there is something to ask. */
export function query(wanted) {
  const filled = Object.entries(wanted).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return filled.length ? `?${new URLSearchParams(filled)}` : "";
}
