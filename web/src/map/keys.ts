/** Keys of the map page beside those of every page (`m` measures through the button that bears it): b buffer, s select, e export, t table, l layers. */

import type { Tool } from "./tools";

const TOOLS: Readonly<Record<string, Tool>> = { b: "buffer", s: "select", e: "export" };

export function listenToMapKeys(toggle: (tool: Tool) => void): void {
  document.addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    const typing = target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName);
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing || document.querySelector("dialog[open]")) return;
    const tool = TOOLS[event.key];
    if (tool) toggle(tool);
    else if (event.key === "t") document.querySelector<HTMLElement>("#map-table-open")?.click();
    else if (event.key === "l") document.querySelector<HTMLElement>("#map-layers > summary")?.click();
    else return;
    event.preventDefault();
  });
}
