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

import { dropFile, fileOf, keepFile } from "./offline-files";
import { say } from "./words";

/** `file`: name of the picture that waits under the key of the act; `main`: key of the act that must arrive before; `told`: done, with a remark. */
type Act = {
  once: string;
  url: string;
  body: string;
  label: string;
  at: number;
  file?: string;
  main?: string;
  refused?: string;
  told?: string;
};
type Answer = { kind: "done"; url: string; told: string } | { kind: "refused"; words: string } | { kind: "signed-out" } | { kind: "unreached" };

const PREFIX = "anlan.queue.";
const PATIENCE_MS = 15_000;
const AGAIN_MS = 30_000;
const SLOWEST_BYTES_A_MS = 20;
const NO_KEY = "00000000-0000-0000-0000-000000000000";

const account = document.body.dataset["account"] ?? "";

function queue(): Act[] {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + account) ?? "[]") as Act[];
  } catch {
    return [];
  }
}

function store(acts: Act[]): boolean {
  try {
    if (acts.length) localStorage.setItem(PREFIX + account, JSON.stringify(acts));
    else localStorage.removeItem(PREFIX + account);
    return true;
  } catch {
    return false; // private window or full: the caller says that it could not be kept
  }
}

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
function show(signedOut = false): void {
  const acts = queue();
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
  for (const act of acts) {
    const line = document.createElement("li");
    line.append(`${act.label} ${clock(act.at)} `);
    if (act.refused !== undefined) {
      const why = document.createElement("span");
      why.className = "errorlist";
      why.textContent = `${say("offlineRefused")} ${act.refused} `;
      line.append(why);
    }
    if (act.told !== undefined) line.append(act.told, " ");
    const again = button(say("offlineAgain"), () => {
      store(queue().map((each) => (each.once === act.once ? unrefused(each) : each)));
      void flush();
    });
    const drop = button(say(act.told === undefined ? "offlineDrop" : "offlineSeen"), () => {
      if (act.told === undefined && !window.confirm(say("offlineDropSure", { label: act.label }))) return;
      forget(act);
      show();
    });
    if (act.told === undefined) line.append(again, " ");
    line.append(drop);
    list.append(line);
  }
  place.replaceChildren(head, list);
}

function unrefused(act: Act): Act {
  const { refused: _refused, ...rest } = act;
  return rest;
}

/** Take an act off the list, with the pictures that hang on it. */
function forget(act: Act): void {
  const gone = queue().filter((each) => each.once === act.once || (each.main === act.once && act.told === undefined));
  store(queue().filter((each) => !gone.includes(each) && !gone.some((other) => other.once === each.once)));
  for (const each of gone) if (each.file !== undefined) void dropFile(each.once);
}

/** Send one act as it waits; a picture whose bytes the browser lost is told as refused. */
async function sendKept(act: Act): Promise<Answer> {
  const ago = String(Math.max(0, Math.round((Date.now() - act.at) / 1000)));
  if (act.file === undefined) {
    const body = new URLSearchParams(act.body);
    body.set("once", act.once);
    body.set("seconds_ago", ago);
    return post(act.url, body);
  }
  const file = await fileOf(act.once);
  if (!file) return { kind: "refused", words: say("offlineFileLost") };
  const body = new FormData();
  body.set("photo", file, act.file);
  body.set("seconds_ago", ago);
  return post(act.url, body, file.size);
}

let sending = false;

/** Send what waits, in the order in which it was done. One tab at a time; the node does nothing twice anyway. */
async function flush(): Promise<void> {
  if (sending || !queue().some((act) => !settled(act))) return;
  sending = true;
  let arrived = false;
  try {
    for (const act of queue().filter((each) => !settled(each))) {
      // A picture waits for what it belongs to, and stays where that was refused.
      if (act.main !== undefined && queue().some((each) => each.once === act.main && each.told === undefined)) continue;
      const answer = await sendKept(act);
      if (answer.kind === "unreached" || answer.kind === "signed-out") {
        show(answer.kind === "signed-out");
        return;
      }
      if (answer.kind === "done") arrived = true;
      if (answer.kind === "done" && act.file !== undefined) void dropFile(act.once);
      const rest = queue();
      if (answer.kind === "done" && !answer.told) store(rest.filter((each) => each.once !== act.once));
      else {
        const words = answer.kind === "done" ? { told: answer.told } : { refused: answer.words };
        store(rest.map((each) => (each.once === act.once ? { ...each, ...words } : each)));
      }
      show();
    }
  } finally {
    sending = false;
  }
  show();
  if (arrived && !queue().length && !document.querySelector("form[data-offline-busy]")) location.reload();
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

/** The pictures chosen in a form, each put away under a key of its own; `null` where the browser cannot keep one of them. */
async function pictures(form: HTMLFormElement, main: Act): Promise<Act[] | null> {
  const url = form.dataset["pictureUrl"];
  if (url === undefined) return [];
  const found: Act[] = [];
  for (const input of Array.from(form.querySelectorAll<HTMLInputElement>("input[type=file]"))) {
    for (const file of Array.from(input.files ?? [])) {
      const once = newKey();
      const label = `${main.label} ${file.name}`;
      if (!(await keepFile(once, file))) return null;
      found.push({ once, url: url.replace(NO_KEY, main.once), body: "", label, at: main.at, file: file.name, main: main.once });
    }
  }
  return found;
}

async function send(form: HTMLFormElement, submitter: HTMLElement | null): Promise<void> {
  const buttons = Array.from(form.querySelectorAll<HTMLButtonElement>("button"));
  const body = bodyOf(form, submitter);
  const act: Act = {
    once: newKey(),
    url: form.action || location.pathname,
    body: body.toString(),
    label: form.dataset["offline"] ?? "",
    at: Date.now(),
  };
  for (const each of buttons) each.disabled = true;
  form.dataset["offlineBusy"] = "";
  body.set("once", act.once);
  const files = await pictures(form, act);
  if (files === null) {
    delete form.dataset["offlineBusy"];
    for (const each of buttons) each.disabled = false;
    tell(form, say("offlineFull"), "notice notice-danger");
    return;
  }
  // What is done now waits behind what was done before.
  const answer: Answer = queue().some((each) => !settled(each)) ? { kind: "unreached" } : await post(act.url, body);
  if (answer.kind === "done") {
    if (files.length && store([...queue(), ...files])) await flush();
    location.assign(answer.url);
    return;
  }
  delete form.dataset["offlineBusy"];
  for (const each of buttons) each.disabled = false;
  if (answer.kind === "refused") {
    for (const each of files) void dropFile(each.once);
    tell(form, answer.words, "notice notice-danger");
    return;
  }
  if (!store([...queue(), act, ...files])) {
    tell(form, say("offlineFull"), "notice notice-danger");
    return;
  }
  const next = form.dataset["offlineNext"];
  if (answer.kind === "unreached" && next && navigator.serviceWorker?.controller) {
    location.assign(next);
    return;
  }
  tell(form, say(answer.kind === "signed-out" ? "offlineSignedOut" : "offlineKept", { time: clock(act.at), count: queue().length }), "notice");
  show();
  if (navigator.onLine) void flush();
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

/** Arm the page's forms and send what waits. */
export function armOfflineForms(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (form.matches("[data-offline]")) {
      event.preventDefault();
      void send(form, event.submitter);
    } else if (form.matches("[data-needs-network]") && !navigator.onLine) {
      event.preventDefault();
      tell(form, say("offlineNeedsNetwork"), "notice notice-danger");
    }
  });
  for (const form of Array.from(document.querySelectorAll<HTMLFormElement>("form[data-with-position]"))) askPosition(form);
  window.addEventListener("online", () => void flush());
  window.setInterval(() => void flush(), AGAIN_MS);
  show();
  void flush();
}
