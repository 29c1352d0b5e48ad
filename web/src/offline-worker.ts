/**
 * Service worker: keeps pages that the node marks for it, of the signed-in account alone, and shows them where there is no network.
 *
 * Only pages with the header `X-Anlan-Offline: <account>` are kept, with the scripts and styles they need. They are forgotten at sign-out,
 * when another account signs in, and a day after they were read. With a network nothing is answered from here but files whose names hold
 * their content.
 */

type Keep = { kind: "keep"; account: string; pages: string[]; assets: string[] };
type Account = { kind: "account"; account: string };
type Extendable = Event & { waitUntil(work: Promise<unknown>): void };
type Fetching = Extendable & { readonly request: Request; respondWith(answer: Promise<Response>): void };
type Told = Extendable & { readonly data: Keep | Account; readonly source: { postMessage(message: unknown): void } | null };
type Scope = {
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
  addEventListener(kind: string, hearer: (event: never) => void): void;
};

const worker = self as unknown as Scope;
const PAGES = "anlan-pages-";
const STATIC = "anlan-static";
const ACCOUNT = "X-Anlan-Offline";
const KEPT_AT = "X-Anlan-Kept-At";
const DAY_MS = 24 * 3600 * 1000;
const PATIENCE_MS = 8_000;
const MOST_ASSETS = 200;

async function forgetOthers(account: string): Promise<void> {
  const names = (await caches.keys()).filter((name) => name.startsWith(PAGES) && name !== PAGES + account);
  await Promise.all(names.map((name) => caches.delete(name)));
}

/** Put a marked page away with the time at which it was read; anything else is left alone. */
async function put(url: string, response: Response, account: string): Promise<string> {
  if (!response.ok || response.headers.get(ACCOUNT) !== account) return "";
  const text = await response.text();
  const headers = new Headers(response.headers);
  headers.set(KEPT_AT, String(Date.now()));
  await (await caches.open(PAGES + account)).put(url, new Response(text, { status: 200, headers }));
  return text;
}

async function keepAssets(found: Iterable<string>): Promise<void> {
  const cache = await caches.open(STATIC);
  for (const url of new Set(found)) {
    if (await cache.match(url)) continue;
    const response = await fetch(url);
    if (response.ok) await cache.put(url, response);
  }
  const keys = await cache.keys();
  for (const old of keys.slice(0, Math.max(0, keys.length - MOST_ASSETS))) await cache.delete(old);
}

function assetsIn(html: string): string[] {
  return Array.from(html.matchAll(/(?:src|href)="(\/static\/[^"]+)"/g), (match) => match[1] as string);
}

async function keep({ account, pages, assets }: Keep): Promise<number> {
  await forgetOthers(account);
  const wanted = new Set(assets);
  let count = 0;
  for (const url of pages) {
    try {
      const response = await fetch(url, { headers: { "X-Anlan-Unattended": "1", Accept: "text/html" }, redirect: "manual" });
      const text = await put(url, response, account);
      if (!text) continue;
      count += 1;
      for (const asset of assetsIn(text)) wanted.add(asset);
    } catch {
      break; // the network went away meanwhile: what was kept stays
    }
  }
  await keepAssets(wanted);
  return count;
}

/** A kept page, not older than a day, marked with when it was read. */
async function kept(path: string): Promise<Response | undefined> {
  for (const name of await caches.keys()) {
    if (!name.startsWith(PAGES)) continue;
    const cache = await caches.open(name);
    const found = await cache.match(path);
    if (!found) continue;
    const at = Number(found.headers.get(KEPT_AT));
    if (Date.now() - at > DAY_MS) {
      await cache.delete(path);
      continue;
    }
    const text = (await found.text()).replace("<html ", `<html data-kept-at="${at}" `);
    return new Response(text, { status: 200, headers: found.headers });
  }
  return undefined;
}

async function navigate(request: Request): Promise<Response> {
  const path = new URL(request.url).pathname;
  const patience = new Promise<undefined>((done) => setTimeout(() => done(undefined), PATIENCE_MS));
  const asked = fetch(request);
  try {
    // A net that takes everything and answers nothing is no net.
    const response = (await Promise.race([asked, patience])) ?? (await kept(path)) ?? (await asked);
    const account = response.headers.get(ACCOUNT);
    if (account && !response.headers.has(KEPT_AT)) {
      await forgetOthers(account);
      await put(path, response.clone(), account);
    }
    return response;
  } catch (lost) {
    const found = await kept(path);
    if (found) return found;
    throw lost;
  }
}

async function asset(request: Request): Promise<Response> {
  return (await (await caches.open(STATIC)).match(request)) ?? fetch(request);
}

worker.addEventListener("install", (event: Extendable) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener("activate", (event: Extendable) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("fetch", (event: Fetching) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === "POST" && url.pathname === "/sign-out/") event.waitUntil(forgetOthers(""));
  else if (request.method === "GET" && request.mode === "navigate") event.respondWith(navigate(request));
  else if (request.method === "GET" && url.pathname.startsWith("/static/")) event.respondWith(asset(request));
});
worker.addEventListener("message", (event: Told) => {
  const { data, source } = event;
  if (data.kind === "account") event.waitUntil(forgetOthers(data.account));
  else if (data.kind === "keep") event.waitUntil(keep(data).then((count) => source?.postMessage({ kind: "kept", count })));
});
