/**
 * Keys: `/` search, `j` `k` rows, Enter open, `g m` map, `?` help; any other letter presses what stands for it on the page (`data-key`: `a` acknowledge,
 * `m` measure, `c` call …); what opens (a `summary`) opens and its first field gets the focus. Never while somebody types. In a form with
 * `data-enter-next` Enter goes to the next field; Ctrl+Enter presses the form's `data-submit`, with Shift its `data-submit-anyway`.
 */

const CHORD_MS = 900;
let chordUntil = 0;

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName));
}

function rows(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("main table tbody tr, main :is(ol, ul, div)[data-rows] > *")].filter(
    (row) => row.offsetParent !== null,
  );
}

function rowHere(): HTMLElement | null {
  return document.querySelector<HTMLElement>(".row-here");
}

function goToRow(step: 1 | -1): void {
  const all = rows();
  if (all.length === 0) return;
  const here = rowHere();
  const index = here ? all.indexOf(here) : step > 0 ? -1 : all.length;
  const next = all[Math.min(all.length - 1, Math.max(0, index + step))] as HTMLElement;
  here?.classList.remove("row-here");
  next.classList.add("row-here");
  (next.querySelector<HTMLElement>("a[href], button") ?? next).focus();
  next.scrollIntoView({ block: "nearest" });
}

function enter(part: HTMLDetailsElement): void {
  part.open = true;
  part.querySelector<HTMLElement>("input:not([type=hidden]), select, textarea")?.focus();
}

/** Press what answers to a key in the chosen row; another row is never meant then, only what stands outside of rows. */
function press(key: string): boolean {
  const selector = `[data-key='${key}']`;
  const here = rowHere();
  const all = [...document.querySelectorAll<HTMLElement>(`main ${selector}`)];
  const control = here ? (here.querySelector<HTMLElement>(selector) ?? all.find((each) => !each.closest("tr, [data-rows] > *"))) : all[0];
  if (control?.matches("summary")) enter(control.parentElement as HTMLDetailsElement);
  else control?.click();
  return control !== undefined;
}

/** The search of the list that is shown, else that of the bar: a box that only narrows what is on the page (layers of the map) is not meant. */
function focusSearch(): boolean {
  const box = document.querySelector<HTMLInputElement>("main form input[type=search]") ?? document.querySelector<HTMLInputElement>(".bar input[type=search]");
  box?.focus();
  box?.select();
  return box !== null;
}

/** The form that a page is about, if it is about one and nothing of it has the focus. */
function onlyForm(): HTMLFormElement | null {
  const found = [...document.querySelectorAll<HTMLElement>("main form [data-submit]")];
  return found.length === 1 && !found[0]?.closest("details") ? (found[0]?.closest("form") ?? null) : null;
}

/** Enter in a form: with Ctrl the form's own button; in a form of questions alone the next field. A textarea takes Shift+Enter as a line break. */
function onEnter(event: KeyboardEvent): boolean {
  if (event.key !== "Enter" || event.isComposing || event.altKey) return false;
  const here = event.target instanceof HTMLElement ? event.target : null;
  const form = typing(here) ? here?.closest("form") : event.ctrlKey || event.metaKey ? onlyForm() : null;
  if (!form) return false;
  if (event.ctrlKey || event.metaKey) {
    const button = form.querySelector<HTMLElement>(event.shiftKey ? "[data-submit-anyway]" : "[data-submit]");
    button?.click();
    return button !== null;
  }
  if (event.shiftKey || !form.matches("[data-enter-next]")) return false;
  const fields = [...form.querySelectorAll<HTMLElement>("input:not([type=hidden]), select, textarea, [data-submit]")].filter((each) => each.offsetParent !== null);
  fields[fields.indexOf(here as HTMLElement) + 1]?.focus();
  return true;
}

function onKey(event: KeyboardEvent): void {
  if (onEnter(event)) return event.preventDefault();
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Escape") {
    closeMenus();
    if (typing(event.target)) (event.target as HTMLElement).blur();
    return;
  }
  if (typing(event.target) || document.querySelector("dialog[open]")) return;
  let done = true;
  if (event.key === "m" && performance.now() < chordUntil) location.assign("/map/");
  else if (event.key === "g") chordUntil = performance.now() + CHORD_MS;
  else if (event.key === "/") done = focusSearch();
  else if (event.key === "j") goToRow(1);
  else if (event.key === "k") goToRow(-1);
  else if (/^[a-z]$/.test(event.key)) done = press(event.key);
  else if (event.key === "?") openHelp();
  else done = false;
  if (done) event.preventDefault();
}

function openHelp(): void {
  document.querySelector<HTMLDialogElement>("#help")?.showModal();
}

/** Close open menus; the focus returns to the menu's own button when it was inside. */
export function closeMenus(except?: Element | null): void {
  document.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]").forEach((menu) => {
    if (menu === except) return;
    if (menu.contains(document.activeElement)) menu.querySelector("summary")?.focus();
    menu.open = false;
  });
}

export function listenToKeys(): void {
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    closeMenus(target.closest("details[data-menu]"));
    if (target.closest("[data-help-open]")) {
      closeMenus();
      openHelp();
    }
  });
}
