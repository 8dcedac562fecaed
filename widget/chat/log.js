
import { contactCards, h, text, unseen } from "./elements.js";

const RECENT = 20; // older ones are drawn only while in view

export class Log {
  #words;
  #choose;
  #notice;
  #offered = []; // the buttons that act at the moment

  typing = h("p", { class: "typing", "aria-hidden": "true", hidden: "" }, h("i"), h("i"), h("i"));

  constructor(words, choose) {
    this.#words = words;
    this.#choose = choose;
    // tabindex: what scrolls must be reachable by keyboard.
    this.list = h("div", { role: "log", "aria-live": "polite", "aria-label": words.log, tabindex: "0", class: "list" });
  }

  mine(words) {
    this.#add([h("div", { class: "message mine", "aria-live": "off" }, unseen(this.#words.you_said), text("p", words))]);
    this.enable(false);
  }

  theirs(messages) {
    this.#offered = [];
    this.#add(entries(messages).flatMap((entry) => this.#entry(entry)));
  }

  /** Say what is the matter, in place of an earlier notice. */
  notice(notice) {
    this.#notice?.remove();
    const { contacts, note, again } = notice;
    const button = again && h("button", { class: "main", onclick: again.act }, again.title);
    const parts = [text("p", notice.text), contactCards(contacts, this.#words), note && text("p", note), button];
    this.#notice = h("div", { class: "message notice" }, ...parts);
    this.#add([this.#notice]);
  }

  enable(on) {
    for (const button of this.#offered) button.disabled = !on;
  }

  clear() {
    this.#notice = undefined;
    this.#offered = [];
    this.typing.hidden = true;
    this.list.replaceChildren();
  }

  #entry({ blocks, buttons, level }) {
    const words = this.#words;
    const parts = blocks.flatMap(({ lines, contacts }) => (contacts ? contactCards(contacts, words) : paragraph(lines)));
    const said = parts[0] && h("div", { class: "message theirs", "data-level": level }, unseen(words.assistant_said), ...parts);
    return [said, buttons[0] && this.#choices(buttons)].filter(Boolean);
  }

  #choices(choices) {
    const buttons = choices.map((choice) => h("button", { dir: "auto", onclick: () => this.#choose(choice) }, choice.title));
    this.#offered.push(...buttons);
    return h("ul", { class: "choices", "aria-label": this.#words.choices }, ...buttons.map((button) => h("li", {}, button)));
  }

  /** Add `nodes` and bring the first into view. In low windows it is the panel that scrolls. */
  #add(nodes) {
    for (const node of nodes) {
      this.list.append(node);
      this.list.children[this.list.children.length - 1 - RECENT]?.classList.add("old");
    }
    const panel = this.list.closest(".panel");
    const header = panel?.querySelector("header").getBoundingClientRect();
    for (const [scroller, top] of [[this.list, this.list.getBoundingClientRect().top], [panel, header?.bottom]]) {
      if (nodes.length && scroller) scroller.scrollTop += nodes[0].getBoundingClientRect().top - top - 8;
    }
  }
}

function paragraph(lines) {
  const nodes = [];
  for (const line of lines) {
    const item = line.startsWith("- ");
    const last = nodes.at(-1);
    const block = last?.localName === (item ? "ul" : "p") ? last : text(item ? "ul" : "p", "");
    if (block !== last) nodes.push(block);
    else if (!item) block.append("\n");
    block.append(item ? text("li", line.slice(2)) : line);
  }
  return nodes;
}

/**
 * Return one `{blocks, buttons, level}` a message, a block being `{lines}` or `{contacts}`. Lines that tell the contacts
 * to channels without cards give way to the cards, at their place: in an emergency that is first.
 */
export function entries(messages) {
  const contacts = messages.flatMap((message) => message.custom?.contacts ?? []);
  const repeats = (line) => contacts.some(({ name, silent }) => line === silent || line.startsWith(`${name}: `));
  const level = messages.findLast(({ custom }) => custom?.level)?.custom.level;
  let place;
  const read = messages.map(({ text = "", buttons = [] }) => {
    let block = { lines: [] };
    const blocks = [block];
    for (const line of text.split("\n")) {
      if (repeats(line) && !place) blocks.push((place = {}));
      if (repeats(line) || !line.trim()) blocks.push((block = { lines: [] }));
      else block.lines.push(line);
    }
    return { blocks, buttons, level };
  });
  if (contacts[0] && !place) read[messages.findLastIndex(({ custom }) => custom?.contacts)].blocks.push((place = {}));
  if (place) place.contacts = contacts;
  for (const entry of read) entry.blocks = entry.blocks.filter(({ lines, contacts }) => contacts || lines[0]);
  return read;
}
