/**
 * Forms that outlive a cut network: `<form data-offline="<what it does>">`.
 *
 * What is sent carries a key of its own (`once`), so that the node does it once however often it arrives. Where the node cannot be
 * reached, it is kept in this browser with the time at which it was done, said so at the head of every page, and sent in order when the
 * network is back, or refused with the node's own sentence; then it stays here until somebody decides. Told to the node is how many seconds
 * ago it was done, so that a wrong clock of the phone does no harm. Passwords are never kept.
 *
 * Pictures of a form with `data-picture-url` go after it, each by itself, to that address with the form's key in the place of the zero UUID:
 * one that is refused keeps nothing else back. `data-offline-next` is where to go on where the page of the next step is kept too.
 * An element with `data-offline-of="<address>"` says that something sent to that address still waits here.
 *
 * `<form data-needs-network>` says at once that it cannot be sent now, instead of losing the page.
 */

import { forget, keep, pictureOf, stand, waiting, type Act, type Kept } from "./offline-store";
import { say } from "./words";

type Answer = { kind: "done"; url: string; told: string } | { kind: "refused"; words: string } | { kind: "signed-out" } | { kind: "unreached" };

const PATIENCE_MS = 15_000;
const AGAIN_MS = 30_000;
const SLOWEST_BYTES_A_MS = 20;
const SMALL_BYTES = 30_000;
const GOOD_BYTES_A_MS = 60;
const NO_KEY = "00000000-0000-0000-0000-000000000000";

const account = document.body.dataset["account"] ?? "";

/** A key for one act. `randomUUID` exists only where the page came enciphered; a node on a local network may not. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function token(): string {
  try {
    return (JSON.parse(document.body.getAttribute("hx-headers") ?? "{}") as Record<string, string>)["X-CSRFToken"] ?? "";
  } catch {
    return "";
  }
}

let measured = 0;

/** Whether a full picture may go now: by what the browser says of the network, else by how fast the last picture went (project default). */
function goodLink(): boolean {
  type Link = { effectiveType?: string; saveData?: boolean };
  const link = (navigator as Navigator & { connection?: Link }).connection;
  if (link?.saveData) return false;
  if (link?.effectiveType) return link.effectiveType === "4g";
  return measured === 0 || measured >= GOOD_BYTES_A_MS;
}

/** Whether nothing more is to be sent of an act: the node refused it, or did it with a remark. */
function settled(act: Act): boolean {
  return act.refused !== undefined || act.told !== undefined;
}

async function post(url: string, body: URLSearchParams | FormData, bytes = 0): Promise<Answer> {
  const patience = new AbortController();
  const timer = window.setTimeout(() => patience.abort(), PATIENCE_MS + bytes / SLOWEST_BYTES_A_MS);
  try {
    const response = await fetch(url, {
      method: "POST",
      body,
      headers: { Accept: "application/json", "X-CSRFToken": token() },
      redirect: "manual",
      signal: patience.signal,
    });
    if (response.type === "opaqueredirect" || response.status === 401) return { kind: "signed-out" };
    if (response.status >= 500 || response.status === 429) return { kind: "unreached" };
    type Told = { url?: string; code?: string; message?: string; remark?: string; fields?: Record<string, string> };
    const told = (await response.json()) as Told;
    if (response.ok) return { kind: "done", url: told.url ?? location.href, told: told.remark ?? "" };
    if (told.code === "sign_in_required" || told.code === "form_token_missing") return { kind: "signed-out" };
    return { kind: "refused", words: [told.message ?? say("requestFailed"), ...Object.values(told.fields ?? {})].join(" ") };
  } catch {
    return { kind: "unreached" };
  } finally {
    window.clearTimeout(timer);
  }
}

function clock(at: number): string {
  return new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short", timeZone: "Asia/Shanghai" }).format(at);
}

function button(words: string, act: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn-small";
  made.textContent = words;
  made.addEventListener("click", act);
  return made;
}

/** Places of the page that stand for an address to which something still waits to be sent. */
function mark(acts: Act[]): void {
  for (const place of Array.from(document.querySelectorAll<HTMLElement>("[data-offline-of]"))) {
    const waits = acts.some((act) => !settled(act) && act.url.endsWith(place.dataset["offlineOf"] ?? "-"));
    place.textContent = waits ? say("offlineOne") : "";
    place.className = waits ? "chip chip-orange" : "";
  }
}

/** The list of what waits, at the head of the page; nothing where nothing waits. */
async function show(signedOut = false): Promise<void> {
  const acts = await waiting(account);
  mark(acts);
  let place = document.querySelector<HTMLElement>("[data-offline-queue]");
  if (!acts.length) {
    place?.remove();
    return;
  }
  if (!place) {
    place = document.createElement("section");
    place.dataset["offlineQueue"] = "";
    place.className = "notice";
    place.setAttribute("role", "status");
    document.querySelector("#content")?.prepend(place);
  }
  const head = document.createElement("strong");
  const count = acts.filter((act) => !settled(act)).length;
  if (count) head.textContent = say(signedOut ? "offlineSignedOut" : navigator.onLine ? "offlineWaiting" : "offlineNow", { count });
  const list = document.createElement("ul");
  list.append(...acts.map((act) => line(act, acts)));
  place.replaceChildren(head, list);
}

/** What waits, in one line: what and when, what the node said of it, and what can be done about it. */
function line(act: Kept, all: Kept[]): HTMLLIElement {
  const made = document.createElement("li");
  made.append(`${act.label} ${clock(act.at)} `);
  if (act.refused !== undefined) {
    const why = document.createElement("span");
    why.className = "errorlist";
    why.textContent = `${say("offlineRefused")} ${act.refused} `;
    made.append(why);
  }
  if (act.later && act.refused === undefined && act.told === undefined) made.append(say("offlineLater"), " ");
  if (act.told !== undefined) made.append(act.told, " ");
  else made.append(button(say("offlineAgain"), () => void stand(act, { later: false }).then(() => flush())), " ");
  const drop = button(say(act.told === undefined ? "offlineDrop" : "offlineSeen"), () => {
    if (act.told === undefined && !window.confirm(say("offlineDropSure", { label: act.label }))) return;
    // With an act go the pictures that hang on it, unless it has arrived.
    const gone = all.filter((each) => each.once === act.once || (each.main === act.once && act.told === undefined));
    void forget(gone).then(() => show());
  });
  made.append(drop);
  return made;
}

/** Send one act as it waits; a picture whose bytes the browser lost is told as refused. */
async function sendKept(act: Kept): Promise<Answer> {
  const ago = String(Math.max(0, Math.round((Date.now() - act.at) / 1000)));
  if (act.file === undefined) {
    const body = new URLSearchParams(act.body);
    body.set("once", act.once);
    body.set("seconds_ago", ago);
    return post(act.url, body);
  }
  const picture = await pictureOf(act.once);
  return picture ? sendPicture(act, picture, ago) : { kind: "refused", words: say("offlineFileLost") };
}

async function sendPicture(act: Act, picture: File, ago: string): Promise<Answer> {
  const body = new FormData();
  body.set("photo", picture, act.file ?? picture.name);
  body.set("seconds_ago", ago);
  const began = performance.now();
  const answer = await post(act.url, body, picture.size);
  if (answer.kind === "done") measured = picture.size / Math.max(1, performance.now() - began);
  return answer;
}

let sending = false;

/** Send what waits, in the order in which it was done. One at a time; the node does nothing twice anyway. */
async function flush(): Promise<void> {
  if (sending) return;
  sending = true;
  let arrived = false;
  try {
    for (const act of (await waiting(account)).filter((each) => !settled(each))) {
      // A picture waits for what it belongs to, and stays where that was refused.
      const others = act.main === undefined ? [] : await waiting(account);
      if (others.some((each) => each.once === act.main && each.told === undefined)) continue;
      if (act.later && !goodLink()) continue;
      const answer = await sendKept(act);
      if (answer.kind === "unreached" || answer.kind === "signed-out") {
        await show(answer.kind === "signed-out");
        return;
      }
      if (answer.kind === "done") arrived = true;
      if (answer.kind === "refused") await stand(act, { refused: answer.words });
      else if (answer.told) await stand(act, { told: answer.told });
      else await forget([act]);
      await show();
    }
  } finally {
    sending = false;
  }
  await show();
  if (arrived && !(await waiting(account)).length && !document.querySelector("form[data-offline-busy]")) location.reload();
}

function tell(form: HTMLFormElement, words: string, kind: "notice" | "notice notice-danger"): void {
  let place = form.querySelector<HTMLElement>("[data-offline-said]");
  if (!place) {
    place = document.createElement("div");
    place.dataset["offlineSaid"] = "";
    place.setAttribute("role", "alert");
    form.prepend(place);
  }
  place.className = kind;
  place.textContent = words;
  place.scrollIntoView({ block: "nearest" });
}

function bodyOf(form: HTMLFormElement, submitter: HTMLElement | null): URLSearchParams {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string" && name !== "csrfmiddlewaretoken") body.append(name, value);
  if (submitter instanceof HTMLButtonElement && submitter.name) body.append(submitter.name, submitter.value);
  return body;
}

/** The pictures chosen in a form, each an act of its own behind `main`; the files by the keys of the acts. */
function picturesOf(form: HTMLFormElement, main: Act): { acts: Act[]; files: Map<string, File> } {
  const url = form.dataset["pictureUrl"];
  const acts: Act[] = [];
  const files = new Map<string, File>();
  for (const input of url === undefined ? [] : Array.from(form.querySelectorAll<HTMLInputElement>("input[type=file]"))) {
    for (const file of Array.from(input.files ?? [])) {
      const once = newKey();
      const label = `${main.label} ${file.name}`;
      const act: Act = { account, once, url: (url ?? "").replace(NO_KEY, main.once), body: "", label, at: main.at, file: file.name, main: main.once };
      if (form.dataset["originalsLater"] !== undefined && file.size > SMALL_BYTES) act.later = true;
      acts.push(act);
      files.set(once, file);
    }
  }
  return { acts, files };
}

/** Send the form at once, unless something done before still waits: what is done now waits behind it. */
async function sendNow(act: Act): Promise<Answer> {
  // A full picture that waits for a better link keeps nothing else back.
  const before = (await waiting(account)).filter((each) => !settled(each) && !(each.later && !goodLink()));
  if (before.some((each) => each.once !== act.once && each.main !== act.once)) return { kind: "unreached" };
  const body = new URLSearchParams(act.body);
  body.set("once", act.once);
  sending = true;
  try {
    return await post(act.url, body);
  } finally {
    sending = false;
  }
}

/** A long form that was refused (`data-refused-whole`) is sent again the plain way: the node's page says at each field what is wrong. */
function askForPage(form: HTMLFormElement, submitter: HTMLElement | null): void {
  if (submitter instanceof HTMLButtonElement && submitter.name) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = submitter.name;
    field.value = submitter.value;
    form.append(field);
  }
  form.submit();
}

/** Do what a form asks: kept first, then sent, so that neither a cut network nor a closed page loses it on the way. */
export async function send(form: HTMLFormElement, submitter: HTMLElement | null): Promise<void> {
  if (form.dataset["offlineBusy"] !== undefined) return;
  const buttons = Array.from(form.querySelectorAll<HTMLButtonElement>("button"));
  const busy = (on: boolean): void => {
    if (on) form.dataset["offlineBusy"] = "";
    else delete form.dataset["offlineBusy"];
    for (const each of buttons) each.disabled = on;
  };
  const body = bodyOf(form, submitter).toString();
  const act: Act = { account, once: newKey(), url: form.action || location.pathname, body, label: form.dataset["offline"] ?? "", at: Date.now() };
  busy(true);
  const pictures = picturesOf(form, act);
  const kept = await keep([act, ...pictures.acts], pictures.files);
  const answer = await sendNow(act);
  if (answer.kind === "done") {
    if (kept) await forget(kept.slice(0, 1));
    // Where nothing could be kept they go from the page itself, which stays open as long.
    else for (const each of pictures.acts) await sendPicture(each, pictures.files.get(each.once) as File, "0");
    if (kept && pictures.acts.length) await flush();
    location.assign(answer.url);
    return;
  }
  busy(false);
  if (answer.kind === "refused") {
    if (kept) await forget(kept);
    if (form.dataset["refusedWhole"] !== undefined) askForPage(form, submitter);
    else tell(form, answer.words, "notice notice-danger");
    return;
  }
  if (!kept) {
    tell(form, say("offlineFull"), "notice notice-danger");
    return;
  }
  const next = form.dataset["offlineNext"];
  if (answer.kind === "unreached" && next && navigator.serviceWorker?.controller) {
    location.assign(next);
    return;
  }
  const count = (await waiting(account)).length;
  tell(form, say(answer.kind === "signed-out" ? "offlineSignedOut" : "offlineKept", { time: clock(act.at), count }), "notice");
  await show();
  if (navigator.onLine) void flush();
}

/** Say at once that a form cannot be sent without a network. */
export function needsNetwork(form: HTMLFormElement): void {
  tell(form, say("offlineNeedsNetwork"), "notice notice-danger");
}

/** Where the phone stands, for a signature on the spot; without leave or satellites the signature goes without it. */
function askPosition(form: HTMLFormElement): void {
  form.closest("details")?.addEventListener("toggle", () => {
    navigator.geolocation?.getCurrentPosition(
      ({ coords }) => {
        const values: Record<string, number> = { longitude: coords.longitude, latitude: coords.latitude, accuracy: coords.accuracy };
        for (const input of Array.from(form.querySelectorAll<HTMLInputElement>("[data-position]"))) {
          input.value = String(values[input.dataset["position"] ?? ""] ?? "");
        }
      },
      () => undefined,
      { enableHighAccuracy: true, timeout: 20_000, maximumAge: 60_000 },
    );
  });
}

/** Show what waits and send it, now and whenever the network comes back. */
export function armOfflineForms(): void {
  for (const form of Array.from(document.querySelectorAll<HTMLFormElement>("form[data-with-position]"))) askPosition(form);
  window.addEventListener("online", () => void flush());
  window.setInterval(() => void flush(), AGAIN_MS);
  void show().then(() => flush());
}
