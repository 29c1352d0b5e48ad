/**
 * Forms that outlive a cut network: `<form data-offline="<what it does>">`.
 *
 * What is sent carries a key of its own (`once`), so that the node does it once however often it arrives. Where the node cannot be
 * reached, it is kept in this browser with the time at which it was done, said so at the head of every page, and sent in order when the
 * network is back, or refused with the node's own sentence; then it stays here until somebody decides. Told to the node is how many seconds
 * ago it was done, so that a wrong clock of the phone does no harm. Files and passwords are never kept.
 *
 * `<form data-needs-network>` says at once that it cannot be sent now, instead of losing the page.
 */

import { say } from "./words";

type Act = { once: string; url: string; body: string; label: string; at: number; refused?: string };
type Answer = { kind: "done"; url: string } | { kind: "refused"; words: string } | { kind: "signed-out" } | { kind: "unreached" };

const PREFIX = "anlan.queue.";
const PATIENCE_MS = 15_000;
const AGAIN_MS = 30_000;

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

async function post(url: string, body: URLSearchParams): Promise<Answer> {
  const patience = new AbortController();
  const timer = window.setTimeout(() => patience.abort(), PATIENCE_MS);
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
    const told = (await response.json()) as { url?: string; code?: string; message?: string; fields?: Record<string, string> };
    if (response.ok) return { kind: "done", url: told.url ?? location.href };
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

/** The list of what waits, at the head of the page; nothing where nothing waits. */
function show(signedOut = false): void {
  const acts = queue();
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
  head.textContent = say(signedOut ? "offlineSignedOut" : "offlineWaiting", { count: acts.length });
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
    const again = button(say("offlineAgain"), () => {
      store(queue().map((each) => (each.once === act.once ? { once: each.once, url: each.url, body: each.body, label: each.label, at: each.at } : each)));
      void flush();
    });
    const drop = button(say("offlineDrop"), () => {
      if (!window.confirm(say("offlineDropSure", { label: act.label }))) return;
      store(queue().filter((each) => each.once !== act.once));
      show();
    });
    line.append(again, " ", drop);
    list.append(line);
  }
  place.replaceChildren(head, list);
}

let sending = false;

/** Send what waits, in the order in which it was done. One tab at a time; the node does nothing twice anyway. */
async function flush(): Promise<void> {
  if (sending || !queue().some((act) => act.refused === undefined)) return;
  sending = true;
  let arrived = false;
  try {
    for (const act of queue().filter((each) => each.refused === undefined)) {
      const body = new URLSearchParams(act.body);
      body.set("once", act.once);
      body.set("seconds_ago", String(Math.max(0, Math.round((Date.now() - act.at) / 1000))));
      const answer = await post(act.url, body);
      if (answer.kind === "unreached" || answer.kind === "signed-out") {
        show(answer.kind === "signed-out");
        return;
      }
      if (answer.kind === "done") arrived = true;
      const rest = queue();
      store(
        answer.kind === "done"
          ? rest.filter((each) => each.once !== act.once)
          : rest.map((each) => (each.once === act.once ? { ...each, refused: answer.words } : each)),
      );
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
  // What is done now waits behind what was done before.
  const answer: Answer = queue().some((each) => each.refused === undefined) ? { kind: "unreached" } : await post(act.url, body);
  if (answer.kind === "done") {
    location.assign(answer.url);
    return;
  }
  delete form.dataset["offlineBusy"];
  for (const each of buttons) each.disabled = false;
  if (answer.kind === "refused") {
    tell(form, answer.words, "notice notice-danger");
    return;
  }
  if (store([...queue(), act])) {
    tell(form, say(answer.kind === "signed-out" ? "offlineSignedOut" : "offlineKept", { time: clock(act.at), count: queue().length }), "notice");
    show();
    if (navigator.onLine) void flush();
  } else tell(form, say("offlineFull"), "notice notice-danger");
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
