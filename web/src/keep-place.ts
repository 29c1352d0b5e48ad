/**
 * New rows must not push away the row that somebody is about to click. Inside `[data-keep-place]` the row under the pointer (or with the
 * focus) stays where it is on the screen when the list is swapped; rows are known by their id.
 *
 * Nor may news wipe out what somebody is typing: inside `[data-keep-typing]` a refresh that nobody asked for waits while a field is in use.
 */

import { say } from "./words";

let pointer = { x: -1, y: -1 };
let kept: { id: string; top: number; here: boolean } | null = null;

function rowAt(list: Element): HTMLElement | null {
  const under = document.elementFromPoint(pointer.x, pointer.y)?.closest<HTMLElement>("tr[id], li[id]");
  if (under && list.contains(under)) return under;
  const focused = document.activeElement?.closest<HTMLElement>("tr[id], li[id]");
  return focused && list.contains(focused) ? focused : list.querySelector<HTMLElement>(".row-here[id]");
}

type Field = HTMLInputElement | HTMLTextAreaElement;
type SwapDetail = { target: Element; shouldSwap: boolean; requestConfig?: { triggeringEvent?: Event } };

function inUse(part: Element): boolean {
  if (part.contains(document.activeElement) && document.activeElement?.matches("input:not([type=hidden]), textarea, select")) return true;
  const fields = part.querySelectorAll<Field>("textarea, input:not([type=hidden], [type=checkbox], [type=radio])");
  return [...fields].some((field) => field.value !== field.defaultValue);
}

function hold(event: Event): void {
  const detail = (event as CustomEvent<SwapDetail>).detail;
  const unasked = detail.requestConfig?.triggeringEvent?.type.startsWith("sse:") ?? false;
  if (!unasked || !detail.target.matches("[data-keep-typing]") || !inUse(detail.target)) return;
  detail.shouldSwap = false;
  const notice = document.createElement("div");
  notice.className = "notice notice-stale";
  notice.textContent = say("newsHeld");
  document.querySelector("#messages")?.replaceChildren(notice);
}

function remember(event: Event): void {
  const list = (event as CustomEvent<{ target: Element }>).detail.target.closest("[data-keep-place]");
  const row = list ? rowAt(list) : null;
  kept = row ? { id: row.id, top: row.getBoundingClientRect().top, here: row.classList.contains("row-here") } : null;
}

function restore(): void {
  const row = kept ? document.getElementById(kept.id) : null;
  if (!row || !kept) return;
  if (kept.here) row.classList.add("row-here");
  const moved = row.getBoundingClientRect().top - kept.top;
  if (Math.abs(moved) > 1) {
    // A short page has nothing to scroll: make room first.
    const main = document.querySelector<HTMLElement>("main");
    const room = window.innerHeight + window.scrollY + moved;
    if (main && document.documentElement.scrollHeight < room) main.style.minHeight = `${main.offsetHeight + room - document.documentElement.scrollHeight}px`;
    window.scrollBy({ top: moved, behavior: "instant" });
  }
  kept = null;
}

export function keepPlaces(): void {
  document.addEventListener("pointermove", (event) => (pointer = { x: event.clientX, y: event.clientY }), { passive: true });
  document.body.addEventListener("htmx:beforeSwap", hold);
  document.body.addEventListener("htmx:beforeSwap", remember);
  document.body.addEventListener("htmx:afterSwap", restore);
}
