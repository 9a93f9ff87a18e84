/**
 * How long one attempt at the outside may take, and all that follows from it, in ms. Each is longer than the one before,
 * so whoever waits for somebody gets to hear what came of it: the adapter of its call, the activity of its attempt,
 * Temporal of its activity, a leaving worker of whatever it had begun.
 */

/** What one attempt asks of the outside, all its calls together. */
export const attemptMs = 15_000;

/** At the end of each call, for its adapter to say what it knows. */
export const windUpMs = 500;

/** One of the two calls that an attempt to send may need: was it sent before, and if not, send it. */
export const sendMs = attemptMs / 2 - windUpMs;

/** From its start: until then an attempt tries to tell Postgres what came of it. */
export const settledMs = attemptMs + 3_000;

/** How often a worker says of an attempt that it is still at it. */
export const beatMs = 500;

/** Of whose attempt nothing was said for so long, that worker is dead, and Temporal repeats it (P11). */
export const silentMs = 2_000;

/** Temporal gives up an activity after this long in any case. So a worker that is asked to leave waits as long for what is out. */
export const activityMs = settledMs + 2_000;

/** A worker is gone by then, whatever holds it; orchestrators kill 30 s after they have asked. */
export const goneMs = activityMs + 5_000;
