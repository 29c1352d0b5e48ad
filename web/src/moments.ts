/** Times as the whole platform shows them: China Standard Time, whatever the browser's own zone. */

const ZONE_MS = 8 * 3_600_000;

/** `2026-11-22T09:18:05.123` of a moment in ms since 1970 UTC. */
function local(ms: number): string {
  return new Date(ms + ZONE_MS).toISOString().slice(0, 23);
}

/** The same moment as a date whose UTC fields are local: for axes that are told to reckon in UTC. */
export function shifted(ms: number): number {
  return ms + ZONE_MS;
}

/** Back from `shifted`. */
export function unshifted(ms: number): number {
  return ms - ZONE_MS;
}

/** `09:18:05`. */
export function clockText(ms: number): string {
  return local(ms).slice(11, 19);
}

/** `11-22 09:18:05`. */
export function dayText(ms: number): string {
  return local(ms).slice(5, 19).replace("T", " ");
}

/** `2026-11-22 09:18:05`, with milliseconds where they matter. */
export function fullText(ms: number, milliseconds = false): string {
  return local(ms)
    .slice(0, milliseconds ? 23 : 19)
    .replace("T", " ");
}
