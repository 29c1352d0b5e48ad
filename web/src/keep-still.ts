/** Change a list while one of its rows keeps its place on the screen. */

/** Run `change`; the row of `list` that `holds` says is looked at stays where it is. */
export function keepStill(list: HTMLElement | null, holds: (row: Element) => boolean, change: () => void): void {
  const row = list ? [...list.children].find((each) => each.matches(".row-here")) ?? [...list.children].find(holds) : undefined;
  const top = row?.getBoundingClientRect().top ?? 0;
  change();
  if (!row?.isConnected) return;
  const moved = row.getBoundingClientRect().top - top;
  if (Math.abs(moved) < 1) return;
  const main = document.querySelector<HTMLElement>("main");
  // A short page has nothing to scroll: make room first.
  const room = window.innerHeight + window.scrollY + moved - document.documentElement.scrollHeight;
  if (main && room > 0) main.style.minHeight = `${main.offsetHeight + room}px`;
  window.scrollBy({ top: moved, behavior: "instant" });
}
