/** Builds elements; strings become text, never HTML. */
export function h(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter(Boolean));
  return node;
}

export function unseen(words = "") {
  return h("span", { class: "unseen" }, `${words} `);
}

/** Each line takes its direction from its own letters. */
export function text(tag, words) {
  return h(tag, { dir: "auto" }, words);
}

/** In a new tab: in this one it would end the conversation. */
export function outside(address, label, words) {
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, label ?? address, " ", unseen(words.new_tab));
}

/** Cards: whom a person can reach, and how, also in silence. */
export function contactCards(contacts, words) {
  if (!contacts?.length) return null;
  const cards = contacts.map((contact) => {
    const { name, hours, silent } = contact;
    const lines = { name, hours, ways: ways(contact, words), silent };
    const parts = Object.entries(lines).filter(([, line]) => line?.length);
    return h("li", { class: "card" }, ...parts.map(([part, line]) => h("p", { class: part, dir: "auto" }, ...[line].flat())));
  });
  return h("ul", { class: "cards", "aria-label": words.contacts }, ...cards);
}

function ways({ phone, sms, chat, url }, words) {
  const links = [];
  if (phone) links.push(h("a", { href: `tel:${dialled(phone)}` }, words.call?.replace("{phone}", phone) ?? phone));
  if (sms) {
    const [, number, keyword] = /^(.*?)(?: \((.*)\))?$/.exec(sms); // "85258 (SHOUT)": the word to send there
    const body = keyword ? `?&body=${encodeURIComponent(keyword)}` : ""; // "?&": both Android and iOS read it
    const label = (keyword ? words.text_keyword : words.text)?.replace("{number}", number).replace("{keyword}", keyword);
    links.push(h("a", { href: `sms:${dialled(number)}${body}` }, label ?? sms));
  }
  if (web(chat)) links.push(outside(chat, words.chat, words));
  if (web(url) && url !== chat) links.push(outside(url, words.website, words));
  return links;
}

function web(address) {
  return /^https?:\/\//.test(address);
}

function dialled(number) {
  return number.replace(/[^\d+*#]/g, "").replace("#", "%23");
}
