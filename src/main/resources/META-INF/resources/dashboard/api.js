// Client of the public REST API.

import { backoff, trackConnection } from './connection.js';
import { readExact, writeExact } from './exact.js';
import { setSession, endSession, session } from './session.js';
import { t } from './texts.js';

const ROOT = '/api/v1';

/** Represents a problem document from the service, or that the service can't be reached. */
export class Problem extends Error {
  constructor(document, lost = false, retryAfter = null) {
    super(document.title);
    this.document = document;
    this.lost = lost;
    /** Seconds until the retry that the service suggests, or null. */
    this.retryAfter = retryAfter;
  }

  get type() {
    return String(this.document.type ?? '').replace('/problems/', '');
  }

  /** Returns true if a later retry may succeed. */
  get isTransient() {
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

/** Sends a request and returns the response with its text. Throws a problem unless the response is a success. */
export async function fetchText(method, path, { body, headers, signal } = {}, retryCsrf = true) {
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
  if (response.status === 401) endSession(who);
  // Another tab has signed in again, and the service has rejected this request.
  if (problem.type === 'csrf' && retryCsrf) {
    await refreshSession();
    if (who && session()?.name === who.name) return fetchText(method, path, { body, headers, signal }, false);
  }
  throw problem;
}

async function request(method, path, { exact = [], ...options } = {}) {
  const { response, text } = await fetchText(method, path, options);
  if (response.status === 204) return null;
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    throw problemOf(response, text);
  }
  if (exact.some((member) => body[member] != null)) {
    const lossless = readExact(text);
    for (const member of exact) body[member] = lossless[member];
  }
  return body;
}

/** @param exact the members of the response whose numbers are parsed without loss */
export const get = (path, options) => request('GET', path, options);
export const post = (path, body, options) => request('POST', path, { ...options, body });

/**
 * Sends a file, and returns the parsed response.
 *
 * @param onProgress receives the part of the file that was sent, from 0 to 1
 */
export function uploadFile(path, file, onProgress) {
  // fetch() does not report how much it has sent.
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const who = session();
    request.open('POST', `${ROOT}/${path}`);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.setRequestHeader('Accept-Language', document.documentElement.lang);
    if (who?.csrfToken) request.setRequestHeader('X-CSRF-Token', who.csrfToken);
    request.upload.onprogress = ({ loaded, total }) => onProgress(loaded / total);
    request.onerror = () => reject(unreachable());
    request.onload = () => {
      const headers = { get: (name) => request.getResponseHeader(name) };
      const { status, statusText, responseText } = request;
      if (status === 201) {
        resolve(JSON.parse(responseText));
        return;
      }
      if (status === 401) endSession(who);
      reject(problemOf({ status, statusText, headers }, responseText));
    };
    request.send(file);
  });
}

export const put = (path, body) => request('PUT', path, { body });
export const patch = (path, body) => request('PATCH', path, { body });
export const remove = (path) => request('DELETE', path);

/** Reloads the session, as it may have ended or belong to another user. In open mode there is no session. */
export async function refreshSession() {
  if (session()?.auth === 'open') return;
  try {
    setSession(await get('session'));
  } catch {
    // A 401 has already ended the session. Other errors recur with the next request.
  }
}

/** Returns the query string of a path, without empty members. */
export function query(members) {
  const given = Object.entries(members).filter(([, value]) => value !== '' && value != null);
  return given.length ? `?${new URLSearchParams(given)}` : '';
}

/** Returns a new Idempotency-Key, with which a start can be repeated safely. */
/** Returns the path of a file with the changes of a batch, which the browser downloads itself. */
export const manifestPath = (id) => `${ROOT}/batches/${id}/manifest`;

export const changesPath = (id, parameters) => `${ROOT}/batches/${id}/changes?${parameters}`;

export const newIdempotencyKey = () =>
  Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16).padStart(8, '0')).join('');

/**
 * Sends a request until a response arrives, with a delay between the retries while the service is unavailable.
 *
 * @param send sends the request
 * @param onResponse receives the response
 * @param onProblem receives a permanent problem
 * @param intervalMillis the time until the next request; without it, polling ends with the first response
 * @return a function that stops polling
 */
export function poll(send, onResponse, onProblem = () => {}, intervalMillis = null) {
  const delay = backoff();
  const connection = trackConnection();
  let timer = null;
  let stopped = false;
  const schedule = (millis) => {
    timer = setTimeout(attempt, millis);
  };
  async function attempt() {
    try {
      const response = await send();
      if (stopped) return;
      connection.up();
      delay.reset();
      onResponse(response);
      if (intervalMillis !== null) schedule(intervalMillis);
    } catch (problem) {
      if (stopped) return;
      if (!(problem instanceof Problem)) throw problem;
      if (problem.isTransient) {
        const millis = delay.next();
        connection.down(Date.now() + millis);
        schedule(millis);
      } else {
        connection.up();
        onProblem(problem);
      }
    }
  }
  attempt();
  return () => {
    stopped = true;
    clearTimeout(timer);
    connection.up();
  };
}
