/** `<linden-exit>`, see README.md. Drawn from GOV.UK's "Exit this page" (govuk-frontend, MIT). */

// Until the server's are there: an exit cannot wait for the network.
const words = {
  language: "en",
  exit: "Leave this page",
  exit_two_more: "Shift, press 2 more times to leave.",
  exit_one_more: "Shift, press 1 more time to leave.",
  exit_expired: "Not left. Shift can be pressed again.",
  exit_loading: "Loading",
};
let fallbackTarget = "https://www.bbc.co.uk/weather";
const exits = new Set();
let listening = false;
let leaving = false;

/** Set words and target of the exits that have none of their own. */
export function configure({ target, ...given }) {
  fallbackTarget = safeTarget(target, fallbackTarget);
  for (const key of Object.keys(words)) words[key] = given[key] || words[key];
  for (const exit of exits) exit.update();
}

/** Hide the page's exits while a panel with its own fills the window. */
export function cover(on) {
  for (const exit of exits) {
    if (!exit.inline) exit.toggleAttribute("data-covered", on);
    if (!on) exit.raise();
  }
}

function told(count) {
  // One speaks for all: the panel's, when open, since a modal panel shuts off the others.
  const speaker = [...exits].find((exit) => exit.inline && exit.getClientRects().length) ?? [...exits][0];
  if (count > 2) speaker?.leave();
  else for (const exit of exits) exit.progress(count, exit === speaker);
}

function listen() {
  listening = true;
  countShift(told);
  // In the capture phase, before the page's own: nothing may ask whether to stay.
  addEventListener("beforeunload", (event) => leaving && event.stopImmediatePropagation(), true);
  // Goes above what the page opens later, a cookie notice for instance.
  const raise = ({ newState, target }) => {
    if (newState === "open" && !exits.has(target)) for (const exit of exits) exit.raise();
  };
  document.addEventListener("toggle", raise, true);
}

export class LindenExit extends HTMLElement {
  #part = make("div");
  #link = make("a", this.#part);
  #text = make("span", this.#link);
  #dots = make("span", this.#link, { class: "dots", "aria-hidden": "true" });
  #status = make("span", this.#part, { class: "unseen", role: "status" });
  #quiet;

  get inline() {
    return this.hasAttribute("inline");
  }

  connectedCallback() {
    exits.add(this);
    if (!listening) listen();
    if (!this.shadowRoot) this.#build();
    this.update();
    this.raise();
  }

  disconnectedCallback() {
    exits.delete(this);
  }

  #build() {
    for (let i = 0; i < 3; i += 1) make("i", this.#dots);
    if (!this.inline) this.#part.setAttribute("role", "region");
    this.#link.rel = "nofollow noreferrer";
    this.#link.addEventListener("click", (event) => {
      event.preventDefault();
      this.leave();
    });
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    root.append(this.#part);
  }

  update() {
    const own = this.querySelector("a");
    const said = own?.textContent.trim();
    const name = said || words.exit;
    this.#text.textContent = name;
    this.#part.lang = (said ? own.closest("[lang]")?.lang : words.language) ?? "";
    this.#status.lang = words.language;
    this.#link.href = safeTarget(this.getAttribute("exit") ?? own?.getAttribute("href"), fallbackTarget);
    if (!this.inline) this.#part.setAttribute("aria-label", name);
  }

  raise() {
    if (this.inline || !this.showPopover) return;
    this.popover = "manual";
    if (this.matches(":popover-open")) this.hidePopover();
    this.showPopover();
  }

  progress(count, speaks) {
    [...this.#dots.children].forEach((dot, i) => dot.classList.toggle("on", i < count));
    this.#link.classList.toggle("counting", count > 0);
    if (!speaks) return;
    clearTimeout(this.#quiet);
    this.#status.textContent = [words.exit_expired, words.exit_two_more, words.exit_one_more][count];
    if (!count) this.#quiet = setTimeout(() => (this.#status.textContent = ""), WAIT);
  }

  leave() {
    leave(this.#link.href);
  }
}

const farewells = new Set();

/** Have `farewell` called once nothing can be seen any more; returns a function that undoes this. */
export function onLeave(farewell) {
  farewells.add(farewell);
  return () => farewells.delete(farewell);
}

/** Empty the page before it is drawn again, then put `target` in its place. */
function leave(target) {
  leaving = true;
  empty();
  for (const farewell of farewells) {
    try {
      farewell();
    } catch {
      // Nothing may hold up the exit.
    }
  }
  try {
    if (top.document) top.location.replace(target); // takes the page around a frame along
  } catch {
    location.replace(target); // that page is of another site
  }
}

function empty() {
  const [head, body] = [make("head"), make("body")];
  make("title", head).textContent = words.exit_loading;
  make("meta", head, { name: "referrer", content: "no-referrer" });
  make("link", head, { rel: "icon", href: "data:," }); // else the site's stays
  const overlay = make("p", body, { role: "alert", lang: words.language });
  document.adoptedStyleSheets = [];
  document.documentElement.replaceChildren(head, body);
  overlay.textContent = words.exit_loading; // only now, or screen readers do not tell it
}

/** Return `address` when a link may lead there, else `otherwise`. */
function safeTarget(address, otherwise) {
  try {
    const url = new URL(address, location.href);
    return address && /^https?:$/.test(url.protocol) ? url.href : otherwise;
  } catch {
    return otherwise;
  }
}

const WAIT = 5000;

/** Count presses of Shift alone; `told` hears each count, and 0 when it is given up. */
function countShift(told) {
  let count = 0;
  let combined = false;
  let timer;
  const giveUp = () => {
    clearTimeout(timer);
    if (count) told((count = 0));
  };
  const modified = (event) => event.ctrlKey || event.altKey || event.metaKey || event.isComposing;
  const other = (event) => {
    combined = event.shiftKey;
    giveUp();
  };
  const down = (event) => {
    if (event.key !== "Shift") other(event);
    else if (!event.repeat) combined = modified(event);
  };
  const up = (event) => {
    if (event.key !== "Shift") return other(event);
    if (combined || modified(event)) giveUp();
    else {
      clearTimeout(timer);
      timer = setTimeout(giveUp, WAIT);
      told((count += 1));
    }
    combined = false;
  };
  // At the window, in the capture phase: no part of the page can keep the keys from us.
  addEventListener("keydown", down, true);
  addEventListener("keyup", up, true);
  addEventListener("pointerdown", (event) => (combined ||= event.shiftKey), true);
}

function make(tag, parent, attributes = {}) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  parent?.append(node);
  return node;
}

const sheet = new CSSStyleSheet();
// !important in a shadow root wins over the page's rules.
sheet.replaceSync(`
:host {
  all: initial !important;
  display: block !important;
  font: 600 medium/1.25 system-ui, sans-serif !important;
}
:host(:not([inline])) {
  position: fixed !important;
  inset-block-start: 0.5em !important;
  inset-inline-end: 0.5em !important;
  z-index: 2147483647 !important;
}
:host([data-covered]) { display: none !important; }
a {
  position: relative;
  display: block;
  padding: 0.75em 1em;
  border: 2px solid;
  border-radius: 0.5em;
  background: #8a1c1c;
  color: #fff;
  text-decoration: none;
}
a:hover { text-decoration: underline; }
a:focus-visible { outline: 3px solid; outline-offset: -6px; box-shadow: 0 0 0 3px #111; }
.dots { position: absolute; inset: auto 0 0.2em; display: flex; justify-content: center; gap: 0.3em; visibility: hidden; }
.counting .dots { visibility: visible; }
i { width: 0.3em; height: 0.3em; border: 1px solid; border-radius: 50%; }
.on { width: 0; height: 0; border-width: calc(0.15em + 1px); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media print { :host { display: none !important; } }
`);

if (!customElements.get("linden-exit")) customElements.define("linden-exit", LindenExit);
