/** Loaded on every page: htmx, the event stream, keys, menus, messages. */

import "../styles/index.css";

import htmx from "htmx.org";

import { runCountdowns } from "./countdowns";
import { keepDrafts } from "./drafts";
import { keepOnLeave } from "./keep-on-leave";
import { keepPlaces } from "./keep-place";
import { listenToKeys } from "./keyboard";
import { joinLive, watchLink } from "./live";
import { watchParts } from "./parts";
import { say } from "./words";

type SwapDetail = { xhr: XMLHttpRequest; shouldSwap: boolean; isError: boolean };

function showFault(): void {
  // What a page asks by itself cannot be answered without a network, and the page says that it has none.
  if (!navigator.onLine) return;
  const place = document.querySelector("#messages");
  if (!place) return;
  const notice = document.createElement("div");
  notice.className = "notice notice-danger";
  notice.setAttribute("role", "alert");
  notice.textContent = say("requestFailed");
  place.replaceChildren(notice);
}

/** A refusal is answered as a fragment for #messages and a form with errors as the form again; other errors get our own sentence. */
function decideSwap(event: Event): void {
  const detail = (event as CustomEvent<SwapDetail>).detail;
  if (detail.xhr.status < 400) return;
  if (detail.xhr.status === 422 || detail.xhr.getResponseHeader("X-Anlan-Refusal")) {
    detail.shouldSwap = true;
    detail.isError = false;
    return;
  }
  showFault();
}

/** Filters apply as they are chosen; without a script the button beside them does it. */
function submitOnChange(event: Event): void {
  const control = event.target as HTMLElement;
  const form = control.closest<HTMLFormElement>("form[data-auto-submit]");
  if (form && control.matches("select, input[type=checkbox], input[type=radio], input[type=date]")) form.requestSubmit();
}

/** What a page asks by itself keeps no session alive; the server counts only what a person did. */
function markUnattended(event: Event): void {
  const { headers, triggeringEvent } = (event as CustomEvent<{ headers: Record<string, string>; triggeringEvent?: Event }>).detail;
  if (triggeringEvent && !triggeringEvent.isTrusted && /^(sse:|every|load)/.test(triggeringEvent.type)) headers["X-Anlan-Unattended"] = "1";
}

function start(): void {
  document.body.addEventListener("htmx:configRequest", markUnattended);
  document.body.addEventListener("htmx:beforeSwap", decideSwap);
  document.body.addEventListener("htmx:sendError", showFault);
  document.body.addEventListener("change", submitOnChange);
  document.querySelector<HTMLElement>(".error-summary[tabindex]")?.focus();
  listenToKeys();
  keepPlaces();
  watchParts();
  runCountdowns();
  keepDrafts();
  keepOnLeave();
  joinLive();
  let lost = false;
  watchLink((state) => {
    const foot = document.querySelector("#foot-link");
    if (!foot || state === "connecting") return;
    if (state === "lost") foot.textContent = say("connectionLost");
    else if (lost) foot.textContent = say("connectionBack");
    lost = state === "lost";
  });
  document.addEventListener("click", (event) => {
    if (!(event.target as Element).closest("[data-tour-open]")) return;
    void import("./tour").then(({ openTour }) => openTour());
  });
  const account = document.body.dataset["account"];
  if (account) void import("./offline-form").then(({ armOfflineForms }) => armOfflineForms());
  // Taken at once, before what sends it is there: a tap on a slow phone must not end at the browser's own page for a lost network.
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    const { submitter } = event;
    if (form.matches("[data-offline]")) {
      event.preventDefault();
      void import("./offline-form").then(({ send }) => send(form, submitter));
    } else if (form.matches("[data-needs-network]") && !navigator.onLine) {
      event.preventDefault();
      void import("./offline-form").then(({ needsNetwork }) => needsNetwork(form));
    }
  });
  if (account) navigator.serviceWorker?.controller?.postMessage({ kind: "account", account });
  if (document.querySelector("[data-keep-offline]") || document.documentElement.dataset["keptAt"] !== undefined) {
    void import("./offline-pages").then(({ keepPages, tellKept }) => {
      tellKept();
      // Once the page has all it needs, so that what is kept is whole.
      window.setTimeout(() => void keepPages(), 300);
    });
  }
  if (document.querySelector("[data-player]")) void import("./player").then(({ armPlayers }) => armPlayers());
  if (sessionStorage.getItem("anlan-tour") !== null) void import("./tour").then(({ resumeTour }) => resumeTour());
  document.documentElement.dataset["shellReady"] = "";
}

Object.assign(window, { htmx });
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
