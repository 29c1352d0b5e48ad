/**
 * The count-down of an earthquake. Seconds are reckoned by the node's clock, never by the browser's: the difference of the two is measured at
 * each answer (half of the way there and back), so that a wrong clock of the device changes nothing. What is new takes the place of what is shown;
 * as long as the node does not answer, the last that it told runs on and says so.
 */

const ASK_MS = 2000;
const TICK_MS = 200;
const STALE_MS = 8000;
const PARTS = [".page-head", "#eew"];
const UNATTENDED = { "X-Anlan-Unattended": "1" };

type Told = { readonly now: number; readonly estimate: number; readonly cancelled: boolean; readonly answered: number };

const shown = (): HTMLElement | null => document.querySelector<HTMLElement>("#eew");
let offset = Number(shown()?.dataset["now"]) - Date.now();
let heard = performance.now();
let best = Number.POSITIVE_INFINITY;

function tick(): void {
  const now = Date.now() + offset;
  shown()
    ?.querySelectorAll<HTMLElement>("[data-ms]")
    .forEach((element) => {
      const left = Math.ceil((Number(element.dataset["ms"]) - now) / 1000);
      const reached = left <= 0;
      const beside = element.closest("td, section");
      element.textContent = String(Math.max(left, 0));
      if (!element.classList.contains("eew-seconds")) element.hidden = reached;
      beside?.querySelectorAll<HTMLElement>("[data-eew-shaking]").forEach((each) => (each.hidden = !reached));
      beside?.querySelectorAll<HTMLElement>("[data-eew-left]").forEach((each) => (each.hidden = reached));
    });
  const stale = document.querySelector<HTMLElement>("#eew-stale");
  if (!stale) return;
  stale.hidden = performance.now() - heard < STALE_MS;
  if (!stale.hidden && !stale.textContent) stale.textContent = shown()?.dataset["stale"] ?? "";
}

/** Put the page as it is now in the place of what is shown; what cannot be fetched leaves everything as it was. */
async function renew(): Promise<void> {
  const answer = await fetch(location.href, { headers: { Accept: "text/html", ...UNATTENDED } });
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of PARTS) {
    const [before, after] = [document.querySelector(part), fresh.querySelector(part)];
    if (before && after) before.replaceWith(document.adoptNode(after));
  }
  tick();
}

async function ask(): Promise<void> {
  const page = shown();
  if (!page) return;
  const sent = performance.now();
  const answer = await fetch(page.dataset["url"] ?? "", { headers: { Accept: "application/json", ...UNATTENDED } });
  if (!answer.ok) return;
  const told = (await answer.json()) as Told;
  const way = performance.now() - sent;
  heard = performance.now();
  // The quickest answer says the time best.
  if (way <= best) {
    best = way;
    offset = told.now + way / 2 - Date.now();
  }
  const changed =
    told.estimate !== Number(page.dataset["estimate"]) ||
    told.cancelled !== (page.dataset["cancelled"] === "1") ||
    told.answered !== Number(page.dataset["answered"]);
  if (changed) await renew();
}

if (shown()) {
  tick();
  window.setInterval(tick, TICK_MS);
  window.setInterval(() => void ask().catch(() => undefined), ASK_MS);
}

export {};
