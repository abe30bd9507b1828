// Who uses the page, by what the service says of its session. The token itself is never kept.

import { useLayoutEffect, useState } from './dom.js';

const ROLES = ['viewer', 'operator', 'author', 'admin'];

/** As `GET /session` answers it; undefined until it is known, null while nobody is signed in. */
let who;
/** Why nobody is signed in any more, as the key of a text. */
let why = null;
const listeners = new Set();

function become(now, reason) {
  who = now;
  why = reason;
  for (const heard of listeners) heard();
}

export const session = () => who;

export const whyEnded = () => why;

/** The service has told who it is. */
export function began(answer) {
  if (JSON.stringify(answer) !== JSON.stringify(who)) become(answer, null);
}

/**
 * The session is no good any more, unless another has begun since.
 *
 * @param of the one that was
 */
export function ended(of, reason = 'sessionEnded') {
  if (who === of && who !== null) become(null, of ? reason : null);
}

/** Whether who is signed in has a role, or one that may more. */
export const may = (role) => ROLES.indexOf(who?.role) >= ROLES.indexOf(role);

/** The session, for what is to be drawn anew with it. */
export function useSession() {
  const [, draw] = useState(0);
  // At once with the first drawing, or what is told in between were missed.
  useLayoutEffect(() => {
    const heard = () => draw((n) => n + 1);
    listeners.add(heard);
    return () => listeners.delete(heard);
  }, []);
  return who;
}
