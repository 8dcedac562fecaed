/** Heading, exit, what to know before, conversation, field. */

import { h, outside } from "./elements.js";
import { Log } from "./log.js";

// Here the panel fills the window and is modal: the keyboard cannot wander behind it.
const SMALL = matchMedia("(max-width: 40em), (max-height: 30em)");
const TOUCH = matchMedia("(pointer: coarse)");

export class Panel {
  #acts;
  #inline;
  #box;
  #heading;
  #before;
  #composer;
  #input;
  #launcher;
  #listening = new AbortController();

  /** `acts`: start, send, choose, erase, shown. Not `reachable`: the page's own content stands in. */
  constructor({ words, safety, inline, reachable, acts }) {
    this.#acts = acts;
    this.#inline = inline;
    this.log = new Log(words, (button) => this.#choose(button));
    this.#buildBefore(words, safety, reachable);
    this.#buildComposer(words);
    this.#build(words);
    const { signal } = this.#listening;
    SMALL.addEventListener("change", () => this.#resize(), { signal });
    for (const event of ["resize", "scroll"]) window.visualViewport?.addEventListener(event, () => this.#fit(), { signal });
  }

  get isOpen() {
    return this.#box.open || (this.#box.showPopover && this.#box.matches(":popover-open"));
  }

  dispose() {
    this.#listening.abort();
  }

  /** Show the launcher in the top layer, where no container moves or clips it. */
  launch() {
    if (!this.#launcher?.showPopover) return;
    this.#launcher.popover = "manual";
    this.#launcher.showPopover();
  }

  open() {
    this.#launcher.hidden = true;
    this.#show();
    this.#heading.focus();
  }

  close() {
    if (this.#inline || !this.isOpen) return;
    this.#hide();
    this.#closed();
  }

  showBefore() {
    this.log.clear();
    this.#input.value = "";
    this.#before.hidden = false;
    this.#composer.hidden = true;
  }

  showChat() {
    this.log.clear();
    this.#before.hidden = true;
    this.#composer.hidden = false;
    this.#focusChat();
  }

  giveBack(words) {
    this.#input.value ||= words;
  }

  focusHeading() {
    this.#heading.focus();
  }

  #button(title, act, style) {
    return h("button", { type: "button", class: style, onclick: act }, title);
  }

  #buildBefore(words, safety, reachable) {
    const told = (words.before ?? []).map((line) => h("p", {}, line));
    const link = safety && h("p", {}, outside(safety, words.safety_link, words));
    const parts = reachable ? [h("h3", {}, words.before_title), ...told, link] : [h("p", {}, words.failed), h("slot")];
    const start = this.#button(reachable ? words.start : words.again, () => this.#acts.start(), "main");
    this.#before = h("div", { class: "before" }, ...parts, start);
  }

  #buildComposer(words) {
    // For a spell check some browsers send what is typed elsewhere.
    const quiet = { autocomplete: "off", spellcheck: "false", enterkeyhint: "send", dir: "auto" };
    this.#input = h("textarea", { id: "input", rows: "1", ...quiet, onkeydown: (event) => this.#enter(event) });
    const send = h("button", { class: "main" }, words.send);
    const erase = this.#button(words.end, () => this.#acts.erase(), "plain");
    const row = h("div", { class: "row" }, this.#input, send);
    this.#composer = h("form", { class: "composer", hidden: "" }, h("label", { for: "input" }, words.input), row, erase);
    this.#composer.addEventListener("submit", (event) => this.#send(event));
  }

  #build(words) {
    this.#heading = h("h2", { id: "heading", tabindex: "-1" }, words.title);
    const close = this.#inline ? null : this.#button(words.close, () => this.close());
    // In the page, the page's own exit is in sight.
    const header = h("header", {}, this.#heading, this.#inline ? null : h("linden-exit", { inline: "" }), close);
    const parts = [header, this.#before, this.log.list, this.log.typing, this.#composer];
    this.element = h("section", { "aria-label": words.title, lang: words.language });
    if (this.#inline) {
      this.#box = h("div", { class: "panel inline" }, ...parts);
    } else {
      const acts = { onclose: () => this.#closed(), onkeydown: (event) => this.#escape(event) };
      this.#box = h("dialog", { class: "panel", popover: "manual", "aria-labelledby": "heading", ...acts }, ...parts);
      this.#launcher = this.#button(words.launcher, () => this.open(), "launcher");
      this.#launcher.setAttribute("aria-haspopup", "dialog");
      this.element.append(this.#launcher);
    }
    this.element.append(this.#box);
  }

  #enter(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#composer.requestSubmit();
  }

  #send(event) {
    event.preventDefault();
    const words = this.#input.value.trim();
    this.#input.value = "";
    this.#input.focus();
    if (!words) return;
    this.log.mine(words);
    this.#acts.send(words);
  }

  #choose(button) {
    this.log.mine(button.title);
    this.#focusChat();
    this.#acts.choose(button);
  }

  /** On touch screens the field would call up the keyboard, over what is to be read. */
  #focusChat() {
    (TOUCH.matches ? this.log.list : this.#input).focus();
  }

  #show() {
    if (SMALL.matches) this.#box.showModal();
    else if (this.#box.showPopover) this.#box.showPopover(); // above all else on the page
    else this.#box.show();
    this.#acts.shown(SMALL.matches);
    this.#fit();
  }

  #hide() {
    if (this.#box.open) this.#box.close();
    else this.#box.hidePopover();
  }

  #closed() {
    if (this.isOpen || !this.#launcher.hidden) return;
    this.#launcher.hidden = false;
    this.#launcher.focus();
    this.#acts.shown(false);
  }

  #escape(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    this.close();
  }

  #resize() {
    if (!this.isOpen) return;
    const focused = this.element.getRootNode().activeElement;
    this.#hide();
    this.#show();
    focused?.focus();
  }

  /** Keep the whole panel, with its exit, above the keyboard of a phone. */
  #fit() {
    const view = window.visualViewport;
    const squeezed = this.isOpen && SMALL.matches && view?.scale < 1.01 && view.height < innerHeight - 1;
    this.#box.style.height = squeezed ? `${view.height}px` : "";
    this.#box.style.top = squeezed ? `${view.offsetTop}px` : "";
  }
}
