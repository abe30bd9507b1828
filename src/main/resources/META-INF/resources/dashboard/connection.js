// Tracks whether the service can be reached, and when the next retry is.

const retryTimes = new Map();
const listeners = new Set();
let nextKey = 0;

function notify() {
  for (const listener of listeners) listener();
}

/** Registers a connection to the service and returns the functions that report its state. */
export function trackConnection() {
  const key = nextKey++;
  return {
    /** Reports that the service can't be reached until the next retry at this time. */
    down(retryAt) {
      retryTimes.set(key, retryAt);
      notify();
    },
    up() {
      if (retryTimes.delete(key)) notify();
    },
  };
}

/** Returns the time of the next retry, or null while all connections are up. */
export const nextRetryAt = () => (retryTimes.size ? Math.min(...retryTimes.values()) : null);

export function onConnectionChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Returns retry delays that double up to five seconds. */
export function backoff() {
  let millis = 500;
  return {
    next: () => (millis = Math.min(millis * 2, 5000)),
    reset: () => {
      millis = 500;
    },
  };
}
