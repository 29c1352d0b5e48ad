/**
 * Folded parts of a long page: the link to one opens it, what the reader opened or closed stays so when the page is refreshed,
 * and paper has them all.
 */

function partOf(hash: string): HTMLElement | null {
  return hash.length > 1 ? document.getElementById(decodeURIComponent(hash.slice(1))) : null;
}

/** Open what the address names, and bring it into view: the browser went there while it was closed. */
function openNamed(hash: string): void {
  const part = partOf(hash)?.closest<HTMLDetailsElement>("details.part");
  if (!part || part.open) return;
  part.open = true;
  part.scrollIntoView({ block: "start" });
}

export function watchParts(): void {
  const chosen = new Map<string, boolean>();
  openNamed(location.hash);
  window.addEventListener("hashchange", () => openNamed(location.hash));
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    // The address may be there already, and then nothing changes that one could listen to.
    const link = target.closest<HTMLAnchorElement>('a[href^="#"]');
    if (link) openNamed(link.hash);
    const part = target.closest("summary")?.parentElement;
    if (part instanceof HTMLDetailsElement && part.matches(".part[id]")) chosen.set(part.id, !part.open);
  });
  document.body.addEventListener("htmx:afterSwap", () => {
    for (const [id, open] of chosen) {
      const part = document.getElementById(id);
      if (part instanceof HTMLDetailsElement) part.open = open;
    }
  });
  window.addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll<HTMLDetailsElement>("details.part")) part.open = true;
  });
}
