/**
 * Drafts of forms: `<form data-draft="<account>:<what>">` keeps what was typed in this browser until it is sent. Passwords, files and
 * hidden inputs are never kept. A form that comes back with errors already holds what was typed; its draft is not offered again.
 */

import { say } from "./words";

/** `from`: path of the page from which it was sent. */
type Draft = { at: number; sent: boolean; from?: string; values: Record<string, string[]> };

const PREFIX = "anlan.draft.";
const KEPT_MS = 7 * 24 * 3600 * 1000;

function read(key: string): Draft | null {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + key) ?? "null") as Draft | null;
  } catch {
    return null;
  }
}

function write(key: string, draft: Draft): boolean {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(draft));
    return true;
  } catch {
    return false; // private window or full: the form works without drafts
  }
}

function valuesOf(form: HTMLFormElement): Record<string, string[]> {
  const values: Record<string, string[]> = {};
  for (const element of Array.from(form.elements)) {
    if (!(element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement)) continue;
    if (!element.name || ["password", "file", "hidden"].includes(element.type)) continue;
    const list = (values[element.name] ??= []);
    if (element instanceof HTMLInputElement && ["checkbox", "radio"].includes(element.type)) {
      if (element.checked) list.push(element.value);
    } else list.push(element.value);
  }
  return values;
}

function fill(form: HTMLFormElement, values: Record<string, string[]>): void {
  for (const element of Array.from(form.elements)) {
    if (!(element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement)) continue;
    const list = values[element.name];
    if (!list || ["password", "file", "hidden"].includes(element.type)) continue;
    if (element instanceof HTMLInputElement && ["checkbox", "radio"].includes(element.type)) element.checked = list.includes(element.value);
    else if (list[0] !== undefined) element.value = list[0];
    element.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function clock(at: number): string {
  return new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short", timeZone: "Asia/Shanghai" }).format(at);
}

function offer(form: HTMLFormElement, key: string, draft: Draft): void {
  const notice = document.createElement("div");
  notice.className = "notice";
  notice.setAttribute("role", "status");
  const button = (word: "draftRestore" | "draftDiscard", act: () => void): HTMLButtonElement => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn btn-small";
    made.textContent = say(word);
    made.addEventListener("click", () => {
      act();
      notice.remove();
    });
    return made;
  };
  const restore = button("draftRestore", () => fill(form, draft.values));
  const discard = button("draftDiscard", () => localStorage.removeItem(PREFIX + key));
  notice.append(say("draftFound", { time: clock(draft.at) }), " ", restore, " ", discard);
  form.prepend(notice);
}

function keep(form: HTMLFormElement, key: string): void {
  let waiting: number | undefined;
  const state = form.querySelector("[data-draft-state]");
  form.addEventListener("input", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => {
      const at = Date.now();
      if (write(key, { at, sent: false, values: valuesOf(form) }) && state) state.textContent = say("draftSaved", { time: clock(at) });
    }, 800);
  });
  form.addEventListener("submit", () => {
    window.clearTimeout(waiting);
    const draft = read(key);
    if (draft) write(key, { ...draft, sent: true, from: location.pathname });
  });
}

/**
 * A draft that was sent has arrived when the page that comes next comes from its form. Any other page means that the browser stood before its
 * own page for a node that did not answer: what was typed is a draft again.
 */
function recall(): void {
  const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  const came = document.referrer.startsWith(`${location.origin}/`) ? new URL(document.referrer).pathname : "";
  for (const name of Object.keys(localStorage).filter((each) => each.startsWith(PREFIX))) {
    const draft = read(name.slice(PREFIX.length));
    if (draft?.sent && draft.from !== undefined && (entry?.type === "back_forward" || came !== draft.from)) {
      write(name.slice(PREFIX.length), { ...draft, sent: false });
    }
  }
}

/** Offer and keep drafts of the page's forms, and clear away those that were sent or are a week old. */
export function keepDrafts(): void {
  const forms = Array.from(document.querySelectorAll<HTMLFormElement>("form[data-draft]"));
  const returned = document.querySelector(".error-summary") !== null;
  recall();
  for (const form of forms) {
    const key = form.dataset["draft"] ?? "";
    if (!key) continue;
    const draft = read(key);
    if (draft && !draft.sent && !returned) offer(form, key, draft);
    keep(form, key);
  }
  const here = new Set(returned ? forms.map((form) => PREFIX + (form.dataset["draft"] ?? "")) : []);
  for (const name of Object.keys(localStorage)) {
    if (!name.startsWith(PREFIX) || here.has(name)) continue;
    const draft = read(name.slice(PREFIX.length));
    if (!draft || draft.sent || Date.now() - draft.at > KEPT_MS) localStorage.removeItem(name);
  }
}
