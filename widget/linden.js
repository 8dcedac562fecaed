/** `<linden-chat>`, see README.md. Joins transport/, chat/ and quick-exit/, which do not know each other. */

import { Panel } from "./chat/panel.js";
import { sheet, theme } from "./chat/style.js";
import { configure, cover, onLeave } from "./quick-exit/linden-exit.js";
import { SLOW_AFTER, Transport } from "./transport/transport.js";

// When the server's words never come; all others are in content/widget.yml.
const FALLBACK = {
  title: "Chat",
  launcher: "Chat",
  close: "Close",
  failed: "The chat cannot be reached at the moment.",
  again: "Try again",
};

export class LindenChat extends HTMLElement {
  #root = this.attachShadow({ mode: "open" });
  #transport;
  #panel;
  #answer;
  #near; // the same for a place that the person named
  #title;
  #region;
  #busy = false;
  #queue = Promise.resolve();
  #conversation = 0; // others are not shown
  #listening;

  connectedCallback() {
    const given = Object.fromEntries([...this.attributes].map(({ name, value }) => [name, value]));
    const colours = new CSSStyleSheet();
    colours.replaceSync(theme(given, console.warn));
    this.#root.adoptedStyleSheets = [sheet, colours];
    // The page's own content stands in until the panel is there, as without script.
    this.#root.replaceChildren(document.createElement("slot"));
    this.#transport = new Transport(new URL(given.server || new URL("..", import.meta.url), document.baseURI));
    this.#region = given.region || undefined;
    this.#title ??= given.title;
    this.removeAttribute("title"); // else it shows under the pointer, all over the chat
    configure({ target: given.exit ?? this.querySelector("linden-exit a")?.href });
    this.#listen();
    if (!document.querySelector("linden-exit:not([inline])")) document.body.prepend(document.createElement("linden-exit"));
    this.#load();
  }

  disconnectedCallback() {
    this.#listening.abort();
    this.#forget();
    this.#panel?.dispose();
    this.#panel = undefined;
  }

  #listen() {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    signal.addEventListener("abort", onLeave(() => this.#forget()));
    // A page that comes back whole shows an empty chat.
    addEventListener("pagehide", () => this.#forget(), { signal });
    addEventListener("pageshow", (event) => event.persisted && this.#forget(), { signal });
    addEventListener("offline", () => this.#transport.started && this.#notice("offline"), { signal });
    addEventListener("online", () => this.#answer || this.#load(), { signal });
  }

  #empty() {
    this.#conversation += 1;
    this.#near = undefined;
    this.#busy = false;
    this.#queue = Promise.resolve();
    this.#panel?.showBefore();
  }

  #forget() {
    this.#empty();
    this.#transport.leave();
    this.#panel?.close();
  }

  /** Erase at once on the screen, then on the server; say whether that was done. */
  async #erase() {
    this.#empty();
    this.#panel.focusHeading();
    const conversation = this.#conversation;
    const { words } = this.#answer;
    const done = await this.#transport.erase();
    if (conversation === this.#conversation && !this.#transport.started) {
      this.#panel.log.notice({ text: done ? words.ended : words.ended_later });
    }
  }

  /** Show the panel once there are words, or without them when they are slow or fail. */
  async #load() {
    const { signal } = this.#listening;
    const again = this.#panel;
    const render = () => signal.aborted || this.#render();
    const slow = setTimeout(() => again || render(), SLOW_AFTER);
    const language = this.getAttribute("language") || this.closest("[lang]")?.lang;
    try {
      this.#answer = await this.#transport.words({ region: this.#region, language });
    } catch {
      if (again) return again.focusHeading();
    }
    clearTimeout(slow);
    if (this.#answer || !this.#panel) render();
  }

  #render() {
    const { words, language, safety, exit } = this.#answer ?? {};
    configure({ ...words, language, target: exit });
    configure({ target: this.getAttribute("exit") });
    const [wasOpen, focused] = [this.#panel?.isOpen, this.#root.activeElement];
    this.#panel?.dispose();
    const title = this.#title && { title: this.#title };
    this.#panel = new Panel({
      words: { ...FALLBACK, ...words, language: language ?? "en", ...title },
      safety: safety && this.#transport.address(safety),
      inline: this.hasAttribute("inline") || this.getAttribute("position") === "inline",
      reachable: Boolean(words),
      acts: {
        start: () => (this.#answer ? this.#start() : this.#load()),
        send: (text) => this.#say({ text }),
        choose: ({ payload, title }) => this.#say(payload ? { choice: payload } : { text: title }),
        erase: () => this.#erase(),
        shown: cover,
      },
    });
    this.#root.replaceChildren(this.#panel.element);
    this.#panel.launch();
    if (wasOpen) this.#panel.open();
    if (focused) this.#panel.focusHeading();
  }

  async #start() {
    if (this.#busy) return;
    this.#busy = true;
    const answer = await this.#await(() => this.#transport.start(this.#region));
    if (!answer) return;
    this.#panel.showChat();
    this.#hear(answer);
  }

  /** Send after what was said before; put back what did not arrive. */
  #say(said) {
    const conversation = this.#conversation;
    this.#queue = this.#queue.then(async () => {
      if (conversation !== this.#conversation) return;
      const answer = await this.#await(() => this.#transport.send(said));
      if (answer) return this.#hear(answer);
      if (conversation !== this.#conversation) return;
      this.#panel.giveBack(said.text ?? "");
      this.#panel.log.enable(this.#transport.started);
    });
  }

  #hear({ messages, erased }) {
    if (erased) this.#panel.log.clear();
    this.#panel.log.theirs(messages);
    const region = messages.findLast((message) => message.custom?.region)?.custom.region;
    if (region && region !== this.#here.region) this.#move(region);
  }

  get #here() {
    return this.#near ?? this.#answer;
  }

  /** Have the numbers of the named place ready for when the server is out of reach. */
  async #move(region) {
    const conversation = this.#conversation;
    const near = await this.#transport.words({ region }).catch(() => undefined);
    if (conversation === this.#conversation) this.#near = near;
  }

  /** Return the answer, or undefined; show the numbers when it is slow or fails. */
  async #await(ask) {
    const conversation = this.#conversation;
    const { log } = this.#panel;
    const wanted = () => conversation === this.#conversation;
    log.typing.hidden = false;
    const slow = setTimeout(() => wanted() && this.#notice("slow"), SLOW_AFTER);
    try {
      const answer = await ask();
      if (wanted()) return answer;
    } catch (fault) {
      if (wanted()) this.#notice(fault.kind, fault.words);
    } finally {
      clearTimeout(slow);
      if (wanted()) {
        log.typing.hidden = true;
        this.#busy = false;
      }
    }
  }

  /** The numbers are the person's own: the server's refusals know only the default region's. */
  #notice(kind, said) {
    const { words, contacts } = this.#here;
    const again = kind === "expired" && { title: words.again, act: () => this.#start() };
    this.#panel.log.notice({ text: said || words[kind] || words.failed, note: words.numbers_for, contacts, again });
  }
}

if (!customElements.get("linden-chat")) customElements.define("linden-chat", LindenChat);
