/**
 * Running clocks. `<time data-countdown datetime="…">` counts down to a deadline, `<time data-elapsed datetime="…">` up from a moment.
 * The server decides what a clock means; this only keeps the figure moving between two loads.
 */

import { say } from "./words";

/** `d 天 h 小时`, `h 小时 mm 分`, `m 分 ss 秒`: two units, the way a duty officer says it. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const days = Math.floor(whole / 86400);
  const hours = Math.floor((whole % 86400) / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  if (days > 0) return say("daysHours", { days, hours });
  if (hours > 0) return say("hoursMinutes", { hours, minutes });
  return say("minutesSeconds", { minutes, seconds: String(whole % 60).padStart(2, "0") });
}

/** `09:18:03` in the node's time zone. */
export function clockTime(moment: Date): string {
  return new Intl.DateTimeFormat("sv-SE", { timeStyle: "medium", timeZone: "Asia/Shanghai" }).format(moment);
}

function tick(): void {
  const now = Date.now();
  document.querySelectorAll<HTMLTimeElement>("time[data-countdown]").forEach((element) => {
    const left = (Date.parse(element.dateTime) - now) / 1000;
    element.textContent = left >= 0 ? say("left", { time: duration(left) }) : say("overdue", { time: duration(-left) });
  });
  document.querySelectorAll<HTMLTimeElement>("time[data-elapsed]").forEach((element) => {
    element.textContent = duration((now - Date.parse(element.dateTime)) / 1000);
  });
  document.querySelectorAll<HTMLTimeElement>("time[data-clock]").forEach((element) => {
    element.textContent = new Intl.DateTimeFormat("sv-SE", {
      dateStyle: "short",
      timeStyle: "medium",
      timeZone: "Asia/Shanghai",
    }).format(now);
  });
}

export function runCountdowns(): void {
  tick();
  window.setInterval(tick, 1000);
  document.body.addEventListener("htmx:load", tick);
}
