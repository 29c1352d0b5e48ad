/**
 * 三分钟看懂: a walk through the pages the visitor may open, in demo mode. A small dialog that leaves the page usable; the step is kept
 * for the tab, so that the walk goes on after each page is loaded.
 */

import { say, type Word } from "./words";

type Step = { readonly path: string; readonly title: Word; readonly text: Word };

const KEPT = "anlan-tour";
const STEPS: readonly Step[] = [
  { path: "/map/", title: "tourMapTitle", text: "tourMap" },
  { path: "/duty/", title: "tourDutyTitle", text: "tourDuty" },
  { path: "/alarms/", title: "tourAlarmsTitle", text: "tourAlarms" },
  { path: "/filings/", title: "tourFilingsTitle", text: "tourFilings" },
  { path: "/bulletins/", title: "tourBulletinsTitle", text: "tourBulletins" },
  { path: "/incidents/", title: "tourIncidentsTitle", text: "tourIncidents" },
  { path: "/enterprises/", title: "tourEnterprisesTitle", text: "tourEnterprises" },
  { path: "/audit/", title: "tourAuditTitle", text: "tourAudit" },
  { path: "/drill/", title: "tourDrillTitle", text: "tourDrill" },
];

/** The steps whose page the visitor's own navigation offers; the drill comes last, where the node has one. */
function steps(): readonly Step[] {
  const offered = new Set([...document.querySelectorAll<HTMLAnchorElement>(".side a[href], [data-drill]")].map((link) => link.pathname));
  return STEPS.filter((step) => offered.has(step.path));
}

function keep(index: number | undefined): void {
  if (index === undefined) sessionStorage.removeItem(KEPT);
  else sessionStorage.setItem(KEPT, String(index));
}

function go(index: number): void {
  const step = steps()[index];
  if (!step) return;
  keep(index);
  if (location.pathname === step.path) show(index);
  else location.assign(step.path);
}

function button(text: string, onClick: () => void, primary = false): HTMLButtonElement {
  const element = document.createElement("button");
  element.type = "button";
  element.className = primary ? "btn btn-primary" : "btn";
  element.textContent = text;
  element.addEventListener("click", onClick);
  return element;
}

function end(dialog: HTMLDialogElement): void {
  keep(undefined);
  dialog.close();
  dialog.remove();
  document.querySelector<HTMLElement>("#content")?.focus();
}

function show(index: number): void {
  const all = steps();
  const step = all[index];
  if (!step) return keep(undefined);
  document.querySelector("#tour")?.remove();
  const dialog = document.createElement("dialog");
  dialog.id = "tour";
  dialog.className = "tour";
  dialog.setAttribute("aria-labelledby", "tour-title");
  const title = Object.assign(document.createElement("h2"), { id: "tour-title", textContent: say(step.title), tabIndex: -1 });
  const place = Object.assign(document.createElement("span"), {
    className: "muted small",
    textContent: say("tourStep", { number: index + 1, total: all.length }),
  });
  const head = Object.assign(document.createElement("div"), { className: "dialog-head" });
  head.append(title, place);
  const text = Object.assign(document.createElement("p"), { textContent: say(step.text) });
  const body = Object.assign(document.createElement("div"), { className: "dialog-body" });
  body.append(text);
  const actions = Object.assign(document.createElement("div"), { className: "dialog-actions" });
  actions.append(button(say("tourEnd"), () => end(dialog)));
  if (index > 0) actions.append(button(say("tourBack"), () => go(index - 1)));
  if (index + 1 < all.length) actions.append(button(say("tourNext"), () => go(index + 1), true));
  dialog.append(head, body, actions);
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Escape") end(dialog);
  });
  document.body.append(dialog);
  dialog.show();
  title.focus();
}

/** Begin at the first step. */
export function openTour(): void {
  go(0);
}

/** Go on after a page was loaded, if the visitor is on the page of the step he is at. */
export function resumeTour(): void {
  const kept = sessionStorage.getItem(KEPT);
  if (kept === null) return;
  const index = Number(kept);
  if (steps()[index]?.path === location.pathname) show(index);
  else keep(undefined);
}
