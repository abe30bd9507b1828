// Whether the service is reached, and when the next try is.

const down = new Map();
const listeners = new Set();
let nextKey = 0;

function tell() {
  for (const heard of listeners) heard();
}

/** One thing that talks to the service. */
export function talk() {
  const key = nextKey++;
  return {
    /** It can't, and tries again at this time. */
    lost(retryAt) {
      down.set(key, retryAt);
      tell();
    },
    well() {
      if (down.delete(key)) tell();
    },
  };
}

/** Null while everything is well, else the time of the next try. */
export const lostUntil = () => (down.size ? Math.min(...down.values()) : null);

export function onConnection(heard) {
  listeners.add(heard);
  return () => listeners.delete(heard);
}

/** Pauses before another try: they grow up to five seconds. */
export function pauses() {
  let pause = 500;
  return {
    next: () => (pause = Math.min(pause * 2, 5000)),
    reset: () => {
      pause = 500;
    },
  };
}
