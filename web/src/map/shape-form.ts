/** The form beside the drawing tools: coordinates, a named place, a radius. What the mouse can draw the keyboard can enter. */

import { type Drawn, positionsFrom } from "./drawn";
import { tell, type Word } from "./words";

type Place = { readonly code: string; readonly name: string; readonly full_name: string };
const PAUSE_MS = 250;

function element<Kind extends Element>(selector: string): Kind {
  return document.querySelector<Kind>(selector) as Kind;
}

/** Only the fields that the chosen kind of shape asks for. */
function showFields(): void {
  const kind = element<HTMLSelectElement>("#map-shape-kind").value;
  for (const field of document.querySelectorAll<HTMLElement>("#map-shape-form [data-for]")) field.hidden = !(field.dataset["for"] ?? "").split(" ").includes(kind);
}

/** Prepare the form for a tool; what was drawn stands in it. */
export function showForm(tool: string, drawn: Drawn | undefined, radius: number): void {
  const kind = element<HTMLSelectElement>("#map-shape-kind");
  for (const option of kind.options) option.hidden = option.disabled = tool === "measure" && (option.value === "point" || option.value === "place");
  element<HTMLElement>("#map-shape-radius-field").hidden = tool === "measure";
  kind.value = drawn?.kind ?? (tool === "measure" ? "line" : tool === "buffer" ? "point" : "area");
  if (kind.selectedOptions[0]?.disabled) kind.value = "line";
  element<HTMLInputElement>("#map-shape-radius").value = tool === "measure" ? "" : String(drawn?.radius || radius || "");
  if (drawn && drawn.kind !== "place") {
    element<HTMLTextAreaElement>("#map-shape-positions").value = drawn.positions.map((at) => at.map((degree) => degree.toFixed(6)).join(",")).join("\n");
  }
  showFields();
}

function refuse(word: Word | undefined): undefined {
  const place = element<HTMLElement>("#map-shape-error");
  place.hidden = word === undefined;
  place.textContent = word ? tell(word) : "";
  return undefined;
}

function entered(): Drawn | undefined {
  const kind = element<HTMLSelectElement>("#map-shape-kind").value as Drawn["kind"];
  const radius = Math.max(0, Number(element<HTMLInputElement>("#map-shape-radius").value) || 0);
  if (kind === "place") {
    const typed = element<HTMLInputElement>("#map-shape-place").value.trim();
    const option = [...element<HTMLDataListElement>("#map-places").options].find((each) => each.value === typed);
    return { kind, place: option?.dataset["code"] ?? typed, radius };
  }
  const positions = positionsFrom(element<HTMLTextAreaElement>("#map-shape-positions").value);
  if (!positions) return refuse("malformed");
  if (kind === "line" && positions.length < 2) return refuse("tooFewLine");
  if (kind === "area" && positions.length < 3) return refuse("tooFewArea");
  return { kind, positions: kind === "point" ? positions.slice(0, 1) : positions, radius };
}

async function suggest(): Promise<void> {
  const text = element<HTMLInputElement>("#map-shape-place").value.trim();
  if (!text) return;
  const answer = await fetch(`/places/search.json?limit=12&q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const { places } = (await answer.json()) as { places: readonly Place[] };
  element<HTMLDataListElement>("#map-places").replaceChildren(
    ...places.map((place) => {
      const option = Object.assign(document.createElement("option"), { value: place.full_name });
      option.dataset["code"] = place.code;
      return option;
    }),
  );
}

export function listenToShapeForm(apply: (drawn: Drawn) => void): void {
  let pause = 0;
  element<HTMLSelectElement>("#map-shape-kind").addEventListener("change", showFields);
  element<HTMLInputElement>("#map-shape-place").addEventListener("input", () => {
    window.clearTimeout(pause);
    pause = window.setTimeout(() => void suggest().catch((error: unknown) => console.warn("places", error)), PAUSE_MS);
  });
  element<HTMLFormElement>("#map-shape-form").addEventListener("submit", (event) => {
    event.preventDefault();
    refuse(undefined);
    const drawn = entered();
    if (drawn) apply(drawn);
  });
}
