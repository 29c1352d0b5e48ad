/**
 * The desk of open alarms. News is merged row by row: what the reader has stays where it is, new lines come in on top while the row under
 * the cursor keeps its place on the screen, and what left the list fades where somebody points at it. Acknowledging, noting and opening a
 * group happen in place; without this script the same links and forms lead to pages of their own. Sound is off until somebody switches it on.
 */

import { Ringer } from "./alarm-sound";
import { keepStill } from "./keep-still";
import { say } from "./words";

const NEWS = ["raised", "acknowledged", "cleared", "noted", "escalated", "shelved", "reviewed"].map((word) => `sse:alarms.${word}`);
const GATHER_MS = 250;
const AT_LEAST_EVERY_MS = 30_000;

const body = document.querySelector<HTMLTableSectionElement>("#alarm-lines tbody");
const ringer = new Ringer(document.querySelector<HTMLButtonElement>("#alarm-sound"));

let query = document.querySelector<HTMLElement>("#alarm-lines")?.dataset["query"] ?? "?";
let gathering = 0;
let asking: AbortController | undefined;

function rows(): HTMLTableRowElement[] {
  return body ? [...body.rows] : [];
}

/** What somebody looks at: the row chosen by key, else the one with the focus, else the one under the pointer. */
function held(row: Element): boolean {
  return row.matches(".row-here, :hover, :focus-within");
}

async function ask(): Promise<Document | undefined> {
  asking?.abort();
  asking = new AbortController();
  try {
    const answer = await fetch(location.pathname + query, { headers: { "X-Anlan-Unattended": "1" }, signal: asking.signal });
    if (!answer.ok || answer.redirected) return undefined;
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    // The node is away for a moment: the foot of the page says so, the next news or the clock asks again.
    return undefined;
  }
}

async function refresh(): Promise<void> {
  window.clearTimeout(gathering);
  gathering = 0;
  const fresh = await ask();
  if (fresh) keepStill(body, held, () => merge(fresh));
}

function later(): void {
  gathering ||= window.setTimeout(() => void refresh(), GATHER_MS);
}

function merge(fresh: Document): void {
  for (const id of ["alarm-tabs", "alarm-empty", "alarm-foot"]) replace(document.getElementById(id), fresh.getElementById(id));
  const there = new Map([...(fresh.querySelector<HTMLTableSectionElement>("#alarm-lines tbody")?.rows ?? [])].map((row) => [row.id, row]));
  const rang: HTMLTableRowElement[] = [];
  for (const row of rows()) {
    const next = there.get(row.id);
    if (next) {
      if (rings(row, next)) rang.push(next);
      update(row, next);
    } else if (held(row) && !row.dataset["of"]) row.classList.add("row-gone");
    else row.remove();
  }
  let top = body?.firstElementChild ?? null;
  for (const row of there.values()) {
    if (document.getElementById(row.id)) continue;
    const owner = row.dataset["of"] ? document.getElementById(`line-${row.dataset["of"]}`) : null;
    if (owner) endOf(owner).after(row);
    else {
      row.classList.add("row-new");
      body?.insertBefore(row, top);
      if (Number(row.dataset["waiting"]) > 0) rang.push(row);
    }
    top ??= null;
  }
  const wrap = body?.closest<HTMLElement>(".table-wrap");
  if (wrap) wrap.hidden = rows().length === 0;
  if (rang.length > 0) tell(rang);
  retitle();
}

/** The last of the rows that belong to a line. */
function endOf(line: Element): Element {
  const id = line.id.replace("line-", "");
  let last = line;
  while (last.nextElementSibling instanceof HTMLElement && last.nextElementSibling.dataset["of"] === id) last = last.nextElementSibling;
  return last;
}

function replace(old: HTMLElement | null, fresh: HTMLElement | null): void {
  if (old && fresh && old.innerHTML !== fresh.innerHTML) {
    old.innerHTML = fresh.innerHTML;
    Object.assign(old.dataset, fresh.dataset);
  }
}

function rings(old: HTMLElement, fresh: HTMLElement): boolean {
  return Number(fresh.dataset["waiting"]) > 0 && (fresh.dataset["rang"] ?? "") > (old.dataset["rang"] ?? "");
}

/** The row keeps its place, its mark and the focus inside it; only what it says changes. */
function update(row: HTMLTableRowElement, fresh: HTMLTableRowElement): void {
  if (row.innerHTML === fresh.innerHTML) return;
  const here = row.classList.contains("row-here");
  const inside = row.contains(document.activeElement) ? document.activeElement : null;
  const key = inside?.getAttribute("data-key");
  row.className = fresh.className;
  row.classList.toggle("row-here", here);
  Object.assign(row.dataset, fresh.dataset);
  row.innerHTML = fresh.innerHTML;
  if (inside) (row.querySelector<HTMLElement>(key ? `[data-key='${key}']` : "a[href]") ?? row.querySelector<HTMLElement>("a[href]"))?.focus();
}

function tell(rang: readonly HTMLElement[]): void {
  const gravest = Math.min(...rang.map((row) => Number(row.dataset["level"]) || 4));
  ringer.ring(gravest);
  const news = document.querySelector("#alarm-news");
  const title = rang[0]?.querySelector("strong")?.textContent ?? "";
  if (news) news.textContent = say("alarmsNew", { count: rang.length, title });
}

const plainTitle = document.title;

function retitle(): void {
  const waiting = Number(document.querySelector<HTMLElement>("#alarm-tabs")?.dataset["waiting"] ?? 0);
  document.title = waiting > 0 ? `(${waiting}) ${plainTitle}` : plainTitle;
}

/** Send a form without leaving the page; the sentence of a refusal, or nothing. */
async function send(form: HTMLFormElement): Promise<string> {
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" }, redirect: "manual" });
    if (answer.type === "opaqueredirect" || answer.ok) return "";
    const told = (await answer.json()) as { message?: string };
    return told.message ?? say("requestFailed");
  } catch {
    return say("requestFailed");
  }
}

function complain(sentence: string): void {
  const notice = Object.assign(document.createElement("div"), { className: "notice notice-danger", textContent: sentence });
  notice.setAttribute("role", "alert");
  document.querySelector("#messages")?.replaceChildren(notice);
}

function open(id: string, action: string, what: string): void {
  const dialog = document.querySelector<HTMLDialogElement>(`#${id}`);
  const form = dialog?.querySelector("form");
  if (!dialog || !form) return;
  form.reset();
  form.action = action;
  const shown = form.querySelector("[data-what]");
  if (shown) shown.textContent = what;
  form.querySelector<HTMLElement>("[data-error]")?.toggleAttribute("hidden", true);
  dialog.dataset["from"] = document.querySelector(".row-here")?.id ?? document.activeElement?.closest("tr")?.id ?? "";
  dialog.showModal();
  form.querySelector<HTMLElement>("textarea")?.focus();
}

function listenToDialog(dialog: HTMLDialogElement): void {
  const form = dialog.querySelector("form");
  if (!form) return;
  dialog.querySelector("[data-cancel]")?.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    const row = document.getElementById(dialog.dataset["from"] ?? "");
    row?.querySelector<HTMLElement>("a[href]")?.focus();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send(form).then((sentence) => {
      const error = form.querySelector<HTMLElement>("[data-error]");
      if (error) {
        error.textContent = sentence;
        error.hidden = sentence === "";
      }
      if (sentence !== "") return;
      dialog.close();
      void refresh();
    });
  });
}

function onClick(event: MouseEvent): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = (event.target as Element).closest<HTMLAnchorElement>("#alarm-lines a[data-key]");
  if (!link) return;
  const what = link.dataset["what"] ?? "";
  if (link.dataset["key"] === "u") {
    query = link.getAttribute("href") ?? query;
    history.replaceState(null, "", location.pathname + query);
    void refresh();
  } else if (link.dataset["key"] === "m") open("alarm-measure", link.dataset["measure"] ?? "", what);
  else if (link.dataset["key"] === "a") open("alarm-acknowledge", link.href, `${what} · ${link.textContent ?? ""}`);
  else return;
  event.preventDefault();
}

function onSubmit(event: SubmitEvent): void {
  const form = (event.target as Element).closest<HTMLFormElement>("#alarm-lines form");
  if (!form) return;
  event.preventDefault();
  const button = form.querySelector("button");
  if (button) button.disabled = true;
  void send(form).then((sentence) => {
    if (sentence !== "") complain(sentence);
    void refresh();
  });
}

if (body) {
  NEWS.forEach((kind) => document.body.addEventListener(kind, later));
  window.setInterval(() => void refresh(), AT_LEAST_EVERY_MS);
  document.addEventListener("click", onClick);
  document.addEventListener("submit", onSubmit);
  document.querySelectorAll<HTMLDialogElement>("#alarm-acknowledge, #alarm-measure").forEach(listenToDialog);
  retitle();
  document.documentElement.dataset["alarmDeskReady"] = "";
}
