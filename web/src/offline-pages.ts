/**
 * Pages for a place without network: `<element data-keep-offline>` asks the service worker to keep what the node names for this account
 * (`/offline/pages/`), and says in it how that went. A page that came out of the worker's keeping says at its head when it was read.
 */

import { say } from "./words";

type Named = { account: string; pages: string[] };

function assetsHere(): string[] {
  const named = performance.getEntriesByType("resource").map((entry) => entry.name);
  const linked = Array.from(document.querySelectorAll("script[src], link[rel=stylesheet], link[rel=modulepreload]"), (element) => {
    return element instanceof HTMLScriptElement ? element.src : (element as HTMLLinkElement).href;
  });
  return [...named, ...linked].filter((url) => url.startsWith(`${location.origin}/static/`));
}

function tell(words: string): void {
  const place = document.querySelector<HTMLElement>("[data-keep-offline]");
  if (place) place.textContent = words;
}

/** Say that this page is a kept one, and when it was read. */
export function tellKept(): void {
  const at = Number(document.documentElement.dataset["keptAt"]);
  if (!at) return;
  const notice = document.createElement("div");
  notice.className = "notice";
  notice.setAttribute("role", "status");
  notice.dataset["offlinePage"] = "";
  const time = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short", timeZone: "Asia/Shanghai" }).format(at);
  notice.textContent = say("offlinePage", { time });
  document.querySelector("#content")?.prepend(notice);
}

/** Keep what this account may need, and say so where the page asks for it. */
export async function keepPages(): Promise<void> {
  if (document.documentElement.dataset["keptAt"]) return;
  if (!("serviceWorker" in navigator)) {
    tell(say("offlineNoWorker"));
    return;
  }
  try {
    navigator.serviceWorker.addEventListener("message", (event: MessageEvent<{ kind?: string; count?: number }>) => {
      if (event.data.kind !== "kept") return;
      document.documentElement.dataset["offlineKept"] = String(event.data.count ?? 0);
      tell(say("offlineReady", { count: event.data.count ?? 0 }));
    });
    await navigator.serviceWorker.register("/offline-worker.js", { scope: "/" });
    const { active } = await navigator.serviceWorker.ready;
    const response = await fetch("/offline/pages/", { headers: { Accept: "application/json", "X-Anlan-Unattended": "1" } });
    if (!response.ok) return;
    const named = (await response.json()) as Named;
    const pages = [...new Set([location.pathname, ...named.pages])];
    active?.postMessage({ kind: "keep", account: named.account, pages, assets: assetsHere() });
  } catch {
    tell(say("offlineNotKept"));
  }
}
