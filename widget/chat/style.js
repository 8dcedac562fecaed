
const LEAST = 4.5; // WCAG 2.2, 1.4.3
const OWN = { text: "#1f2328", background: "#ffffff", "accent-text": "#ffffff", accent: "#1d5c57" };

/** Return the style for the site's `colours`, each #rgb or #rrggbb. A pair that cannot be read is left out, and `warn` told. */
export function theme(colours, warn) {
  let style = "";
  for (const [ink, ground] of [["text", "background"], ["accent-text", "accent"]]) {
    const pair = [ink, ground].map((name) => colours[name] || OWN[name]);
    const ratio = contrast(...pair);
    if (!colours[ink] && !colours[ground]) continue;
    if (ratio >= LEAST) style += `--${ink}:${pair[0]};--${ground}:${pair[1]};`;
    else warn(`linden-chat: ${ink} on ${ground} is ${ratio.toFixed(1)}:1, at least ${LEAST}:1 is needed`);
  }
  return `:host{${style}}`;
}

/** Return the contrast as WCAG defines it; NaN where a colour is none. */
function contrast(...colours) {
  const [low, high] = colours.map(luminance).sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour) {
  if (!/^#(...){1,2}$/.test(colour)) return NaN;
  const parts = colour.slice(1).replace(/^(.)(.)(.)$/, "$1$1$2$2$3$3").match(/../g);
  const [r, g, b] = parts.map((hex) => {
    const part = Number(`0x${hex}`) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export const sheet = new CSSStyleSheet();
sheet.replaceSync(`
:host {
  all: initial;
  display: block;
  font: medium/1.5 system-ui, sans-serif;
  color-scheme: inherit;
  --text: #1f2328;
  --background: #ffffff;
  --accent: #1d5c57;
  --accent-text: #ffffff;
  --line: color-mix(in srgb, var(--text) 40%, transparent);
}
/* Dark only where the page is dark. */
@supports (color: light-dark(#000, #fff)) {
  :host {
    --text: light-dark(#1f2328, #eceff1);
    --background: light-dark(#ffffff, #16191c);
    --accent: light-dark(#1d5c57, #8fd3c8);
    --accent-text: light-dark(#ffffff, #10201e);
  }
}
:host([hidden]), [hidden] { display: none !important; }
* { box-sizing: border-box; }
h2, h3, p, ul { margin: 0; padding: 0; font-size: 1em; overflow-wrap: anywhere; }
ul { list-style: none; }
a { color: inherit; }
button, textarea {
  min-height: 2.75em;
  padding: 0.5em;
  border: 1px solid;
  border-radius: 0.5em;
  background: var(--background);
  color: inherit;
  font: inherit;
}
button { padding-inline: 1em; cursor: pointer; }
button:hover:enabled { text-decoration: underline; }
button:disabled { opacity: 0.7; cursor: default; }
.main, .launcher, .mine { background: var(--accent); color: var(--accent-text); }
.plain { background: none; align-self: start; min-height: 2em; padding: 0.25em; border-color: transparent; text-decoration: underline; }
:focus-visible { outline: 3px solid var(--text); outline-offset: 2px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.launcher, .panel {
  position: fixed;
  inset: auto;
  inset-block-end: 1em;
  inset-inline-end: 1em;
  z-index: 2147483646;
}
:host([position="start"]) :is(.launcher, .panel) { inset-inline: 1em auto; }
.launcher { margin: 0; padding-inline: 1.5em; border-radius: 2em; }
.panel {
  flex-direction: column;
  width: 26em;
  height: 40em;
  max-width: calc(100vw - 2em);
  max-height: calc(100vh - 6em); /* leaves the exit of the page free */
  margin: 0;
  padding: 0;
  overflow: hidden;
  border: 1px solid;
  border-radius: 0.75em;
  background: var(--background);
  color: var(--text);
}
.panel:is([open], :popover-open, .inline) { display: flex; }
.panel.inline { position: relative; inset: auto; z-index: auto; width: auto; height: auto; max-width: none; max-height: min(40em, 100vh - 1em); }
header { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5em; padding: 0.5em; border-block-end: 1px solid var(--line); background: var(--background); }
h2 { flex: 1 1 3em; padding-inline-start: 0.25em; }
.before { display: flex; flex-direction: column; gap: 0.75em; align-items: start; padding: 1em; overflow: auto; }
.list { position: relative; flex: 1; min-height: 0; padding: 1em; overflow: auto; overscroll-behavior: contain; }
.before:not([hidden]) + .list { flex: 0 0 auto; max-height: 60%; }
.list:empty { padding: 0; }
.list:focus-visible { outline-offset: -4px; }
.list > * + * { margin-block-start: 0.75em; }
.message { width: fit-content; max-width: 92%; padding: 0.6em 0.9em; border: 1px solid var(--line); border-radius: 0.75em; }
.message > :not(.unseen) + * { margin-block-start: 0.5em; }
.message > p { white-space: pre-line; }
.message > ul:not(.cards) { list-style: disc; padding-inline-start: 1.25em; }
.mine { margin-inline-start: auto; }
.notice { border: 1px dashed; }
[data-level="emergency"]:has(.cards) { border: 3px solid; }
.old { content-visibility: auto; contain-intrinsic-size: auto 5em; }
.cards { display: grid; gap: 0.5em; }
.card { padding-inline-start: 0.75em; border-inline-start: 3px solid; }
.name, .ways { font-weight: 600; }
.ways { display: flex; flex-wrap: wrap; gap: 0.5em; padding-block: 0.25em; }
.ways a { padding: 0.4em 0.75em; border: 1px solid; border-radius: 0.5em; }
.choices { display: flex; flex-wrap: wrap; gap: 0.5em; }
.choices button { text-align: start; }
.typing { display: flex; gap: 0.3em; padding: 0 1.25em 0.75em; }
.typing i { width: 0.5em; height: 0.5em; border: 1px solid; border-radius: 50%; background: var(--text); opacity: 0.5; }
.composer { display: flex; flex-direction: column; gap: 0.25em; padding: 0.5em 0.75em; border-block-start: 1px solid var(--line); }
.row { display: flex; gap: 0.5em; align-items: end; }
textarea { flex: 1; min-width: 0; max-height: 8em; resize: none; field-sizing: content; }
@media (max-width: 40em), (max-height: 30em) {
  dialog.panel { inset: 0; width: 100%; height: 100%; max-width: none; max-height: none; border: 0; border-radius: 0; }
}
/* Low windows (400 % zoom): all scrolls together, only the exit stays. */
@media (max-height: 30em) {
  .panel { overflow: auto; }
  header { position: sticky; inset-block-start: 0; z-index: 1; flex-wrap: nowrap; padding: 0.25em; }
  header button { padding-inline: 0.5em; }
  h2 { flex: 1; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .before, .list, .before:not([hidden]) + .list { flex: none; max-height: none; overflow: visible; }
}
@media (prefers-reduced-motion: no-preference) {
  .typing i { animation: breathe 1.5s infinite; }
  .typing i + i { animation-delay: 0.3s; }
  @keyframes breathe { 50% { opacity: 0.1; } }
}
@media print { :host { display: none; } }
`);
