/** What the maps beside forms share: the row of drawing tools, and writing into an input as typing does. */

import type { Drawing, DrawingKind } from "./drawing";
import { tell, type Word } from "./words";

const HINTS = { point: "hintPoint", line: "hintLine", area: "hintArea", rectangle: "hintTwo", circle: "hintTwo" } as const;

/** Write into an input as typing does, so that drafts and checks hear of it. */
export function write(input: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement, text: string): void {
  if (input.value === text) return;
  input.value = text;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

/** The buttons that begin a drawing: one is pressed while it lasts, and the hint says what to do next. */
export class Pens {
  private readonly buttons = new Map<DrawingKind, HTMLButtonElement>();

  constructor(
    private readonly drawing: Drawing,
    private readonly hint: HTMLElement,
    private readonly group: HTMLElement,
    kinds: readonly (readonly [DrawingKind, Word])[],
  ) {
    for (const [kind, word] of kinds) this.buttons.set(kind, this.button(word, () => this.begin(kind)));
  }

  /** One more button of the row that is no pen. */
  extra(word: Word, act: () => void): void {
    this.button(word, act).classList.add("btn-quiet");
  }

  /** The drawing is done or left: no button is pressed any more. */
  release(): void {
    this.press(undefined);
  }

  private button(word: Word, act: () => void): HTMLButtonElement {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-small", textContent: tell(word) });
    button.addEventListener("click", act);
    this.group.append(button);
    return button;
  }

  private begin(kind: DrawingKind): void {
    this.press(kind);
    this.hint.textContent = tell(HINTS[kind]);
    this.drawing.take(kind).catch((error: unknown) => {
      console.warn("drawing", error);
      this.hint.textContent = tell("mapMissing");
    });
  }

  private press(chosen: DrawingKind | undefined): void {
    for (const [kind, button] of this.buttons) button.setAttribute("aria-pressed", String(kind === chosen));
  }
}
