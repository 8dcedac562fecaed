/** What the pages need script for; each works without it, a little less well. */

import { onLeave } from "./quick-exit/linden-exit.js";

// The conversation without script: the exit's own link asks the server on its way, which may be out of reach.
const token = document.querySelector("[name=token]")?.value;
if (token) {
  onLeave(() => navigator.sendBeacon("/api/end", token));
  // Some browsers bring a page back whole: what was said must not come with it.
  addEventListener("pagehide", () => document.querySelector("main")?.remove());
  addEventListener("pageshow", (event) => event.persisted && location.replace("/chat"));
}

// A link within the page would be one more step for the Back button.
for (const link of document.querySelectorAll("a[href^='#']")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    location.replace(link.hash);
  });
}
