/** Talks to the server; knows no page. The token is in one private field, and gone with the page. */

export const SLOW_AFTER = 8000;
const GIVE_UP_AFTER = 30000;
const PRIVATE = { credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer", redirect: "error" };

/** Why there is no answer: "offline", "expired" or "failed"; `words` are the server's own, if any. */
function fault(kind, words) {
  return Object.assign(new Error(kind), { kind, words });
}

export class Transport {
  #base;
  #token = "";
  #id;
  #unheard;
  #left = 0; // what began before the page was left is over

  constructor(base) {
    this.#base = String(base).replace(/\/*$/, "/");
  }

  get started() {
    return this.#token !== "";
  }

  address(path) {
    return new URL(path, this.#base).href;
  }

  words(asked) {
    const given = Object.entries(asked).filter(([, value]) => value);
    return this.#ask(`api/words?${new URLSearchParams(given)}`);
  }

  async start(region) {
    const left = this.#left;
    const answer = await this.#ask("api/session", { region });
    if (left !== this.#left) this.#end(answer.token);
    else this.#token = answer.token;
    return answer;
  }

  /** Send `{text}` or `{choice}`, again where no answer comes: under one id it counts once. */
  async send(said) {
    const token = this.#token;
    const words = JSON.stringify(said);
    if (words !== this.#unheard) this.#id = `${Math.random()}`;
    this.#unheard = words;
    for (const until = Date.now() + 3000; ; ) {
      try {
        const answer = await this.#ask("api/message", { token, id: this.#id, ...said });
        this.#unheard = "";
        return answer;
      } catch (error) {
        if (error.words || !navigator.onLine || Date.now() > until || token !== this.#token) throw error;
        await new Promise((done) => setTimeout(done, 900));
      }
    }
  }

  /** Erase it on the server; return whether that is known to be done. */
  async erase() {
    const token = this.#token;
    this.#token = "";
    try {
      // With credentials, or the browser does not heed Clear-Site-Data; there are none.
      if (token) await this.#ask("api/end", { token }, { credentials: "same-origin" });
      return true;
    } catch ({ kind }) {
      return kind === "expired";
    }
  }

  /** The same while the page goes away; nothing is waited for. */
  leave() {
    this.#left += 1;
    if (this.started) this.#end(this.#token);
    this.#token = "";
  }

  #end(token) {
    const address = this.address("api/end");
    if (navigator.sendBeacon?.(address, token)) return;
    fetch(address, { ...PRIVATE, method: "POST", body: token, keepalive: true }).catch(() => {});
  }

  async #ask(path, body, more) {
    const options = { ...PRIVATE, ...more, signal: AbortSignal.timeout(GIVE_UP_AFTER) };
    const headers = { "Content-Type": "application/json" };
    if (body) Object.assign(options, { method: "POST", headers, body: JSON.stringify(body) });
    let answer;
    let content = {};
    try {
      answer = await fetch(this.address(path), options);
      if (answer.status !== 204) content = await answer.json();
    } catch (error) {
      throw fault(answer || error.name === "TimeoutError" ? "failed" : "offline"); // a proxy's page is no JSON
    }
    if (answer.ok) return content;
    const expired = answer.status === 401;
    if (expired) this.#token = "";
    throw fault(expired ? "expired" : "failed", /50[24]/.test(answer.status) ? "" : content.error);
  }
}
