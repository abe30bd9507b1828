// The public REST interface.

import { pauses, talk } from './connection.js';
import { readExact, writeExact } from './exact.js';
import { began, ended, session } from './session.js';
import { t } from './texts.js';

const ROOT = '/api/v1';

/** What the service answered instead: a problem document, or that it can't be reached. */
export class Problem extends Error {
  constructor(document, lost = false, retryAfter = null) {
    super(document.title);
    this.document = document;
    this.lost = lost;
    /** Seconds after which the service wants to be asked again, where it has said so. */
    this.retryAfter = retryAfter;
  }

  get type() {
    return String(this.document.type ?? '').replace('/problems/', '');
  }

  /** Whether asking again later makes sense. */
  get passes() {
    return this.lost || this.document.status === 503;
  }
}

const unreachable = () => new Problem({ title: t('unreachable'), detail: t('unreachableDetail') }, true);

function problemOf(response, text) {
  const retryAfter = Number(response.headers.get('Retry-After')) || null;
  try {
    return new Problem(JSON.parse(text), false, retryAfter);
  } catch {
    return new Problem(
      { title: `${response.status} ${response.statusText}`, status: response.status },
      false,
      retryAfter,
    );
  }
}

/** An answer with its text; one that is none of success is thrown as a problem. */
export async function fetched(method, path, { body, headers, signal } = {}, again = true) {
  const who = session();
  let response;
  let text;
  try {
    response = await fetch(path.startsWith('/') ? path : `${ROOT}/${path}`, {
      method,
      signal,
      cache: 'no-store',
      headers: {
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(method !== 'GET' && who?.csrfToken && { 'X-CSRF-Token': who.csrfToken }),
        ...headers,
      },
      body: body === undefined ? undefined : writeExact(body),
    });
    text = await response.text();
  } catch (error) {
    throw error.name === 'AbortError' ? error : unreachable();
  }
  if (response.ok) return { response, text };
  const problem = problemOf(response, text);
  if (response.status === 401) ended(who);
  // Another tab has signed in anew, and this request was not carried out.
  if (problem.type === 'csrf' && again) {
    await lookAgain();
    if (who && session()?.name === who.name) return fetched(method, path, { body, headers, signal }, false);
  }
  throw problem;
}

async function ask(method, path, { exact = [], ...options } = {}) {
  const { response, text } = await fetched(method, path, options);
  if (response.status === 204) return null;
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    throw problemOf(response, text);
  }
  if (exact.some((member) => answer[member] != null)) {
    const lossless = readExact(text);
    for (const member of exact) answer[member] = lossless[member];
  }
  return answer;
}

/** @param exact the members of the answer whose numbers are to be read without loss */
export const get = (path, options) => ask('GET', path, options);
export const post = (path, body, options) => ask('POST', path, { ...options, body });
export const patch = (path, body) => ask('PATCH', path, { body });
export const remove = (path) => ask('DELETE', path);

/** Asks anew who is signed in, where one has to be: the session may have ended, or be another's. */
export async function lookAgain() {
  if (session()?.auth === 'open') return;
  try {
    began(await get('session'));
  } catch {
    // That it has ended is known by now; all else will be met again.
  }
}

/** A query for a path; what is empty is left out. */
export function query(members) {
  const given = Object.entries(members).filter(([, value]) => value !== '' && value != null);
  return given.length ? `?${new URLSearchParams(given)}` : '';
}

/** A key that makes a start safe to be repeated. */
export const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16).padStart(8, '0')).join('');

/**
 * Asks until there is an answer: again after a pause while the service is away.
 *
 * @param asked makes the request
 * @param heard is given the answer
 * @param refused is given a problem that does not pass
 * @param every milliseconds after which it is asked anew; never when left out
 * @return ends it
 */
export function keepAsking(asked, heard, refused = () => {}, every = null) {
  const pause = pauses();
  const line = talk();
  let timer = null;
  let ended = false;
  const later = (millis) => {
    timer = setTimeout(attempt, millis);
  };
  async function attempt() {
    try {
      const answer = await asked();
      if (ended) return;
      line.well();
      pause.reset();
      heard(answer);
      if (every !== null) later(every);
    } catch (problem) {
      if (ended) return;
      if (!(problem instanceof Problem)) throw problem;
      if (problem.passes) {
        const millis = pause.next();
        line.lost(Date.now() + millis);
        later(millis);
      } else {
        line.well();
        refused(problem);
      }
    }
  }
  attempt();
  return () => {
    ended = true;
    clearTimeout(timer);
    line.well();
  };
}
