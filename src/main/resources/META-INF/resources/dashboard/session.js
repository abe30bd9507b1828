// Holds the user's session as the service reports it. The token itself is never stored.

import { useLayoutEffect, useState } from './dom.js';

const ROLES = ['viewer', 'agent', 'operator', 'author', 'admin'];

/** Response of `GET /session`; undefined until it has arrived, null while nobody is signed in. */
let current;
/** Text key of the reason why the session ended. */
let endReason = null;
const listeners = new Set();

function set(next, reason) {
  current = next;
  endReason = reason;
  for (const listener of listeners) listener();
}

export const session = () => current;

export const whyEnded = () => endReason;

/** Stores the session that the service returned. */
export function setSession(next) {
  if (JSON.stringify(next) !== JSON.stringify(current)) set(next, null);
}

/**
 * Ends a session, unless another one has started since.
 *
 * @param previous the session that has ended
 */
export function endSession(previous, reason = 'sessionEnded') {
  if (current === previous && current !== null) set(null, previous ? reason : null);
}

/** Returns true if the user has this role or a higher one. */
export const may = (role) => ROLES.indexOf(current?.role) >= ROLES.indexOf(role);

/** Returns the session and renders the component again when it changes. */
export function useSession() {
  const [, draw] = useState(0);
  // A layout effect runs before the first paint, so no change is missed.
  useLayoutEffect(() => {
    const listener = () => draw((n) => n + 1);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, []);
  return current;
}
