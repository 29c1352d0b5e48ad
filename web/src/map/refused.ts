/** Refusals of the server, in its own words. */

import { say } from "../words";

/** What the server refused, with a sentence to show. */
export class Refused extends Error {}

/** The refusal in an answer that is none of what was asked for. */
export async function refusedBy(answer: Response): Promise<Refused> {
  const told = (await answer.json().catch(() => ({}))) as { message?: string; error?: { message?: string } };
  return new Refused(told.message ?? told.error?.message ?? say("requestFailed"));
}
