/**
 * A form that keeps itself on the server while it is filled (`hx-post` on the form) asks a moment after the last key. Whoever leaves within that
 * moment would lose his last words: `data-keep-on-leave` sends what was not yet sent when the page goes away.
 */

export function keepOnLeave(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-keep-on-leave]")) {
    const address = form.getAttribute("hx-post");
    if (!address) continue;
    let typed = 0;
    let asked = 0;
    let kept = 0;
    form.addEventListener("input", () => (typed = performance.now()));
    form.addEventListener("htmx:beforeRequest", () => (asked = performance.now()));
    // What was sent may still fail, or be broken off by the leaving itself: only an answer counts.
    form.addEventListener("htmx:afterRequest", (event) => {
      if ((event as CustomEvent<{ successful: boolean }>).detail.successful) kept = asked;
    });
    form.addEventListener("submit", () => (typed = 0));
    const send = (): void => {
      if (typed > kept && navigator.sendBeacon(address, new FormData(form))) kept = typed;
    };
    // Phones end a hidden page without telling it.
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && send());
    window.addEventListener("pagehide", send);
  }
}
