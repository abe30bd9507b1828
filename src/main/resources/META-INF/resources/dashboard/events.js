// Server-sent events: one stream, closed while the page is hidden, and reopened automatically.

import { refreshSession } from './api.js';
import { backoff, trackConnection } from './connection.js';

const EVENT_TYPES = ['snapshot', 'progress', 'status', 'throttle'];
/** Delay of the browser's own retries, which the service sets with `retry:`. */
const BROWSER_RETRY_MILLIS = 1000;

/**
 * Listens to a stream.
 *
 * @param onEvent receives the type, the data and the text of each event
 * @param isFinished returns true if no more events follow, so that the end of the stream is no error
 * @return a function that closes the stream
 */
export function listen(path, onEvent, isFinished = () => false) {
  const delay = backoff();
  const connection = trackConnection();
  let source = null;
  let timer = null;

  function close() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }

  function open() {
    close();
    source = new EventSource(path);
    source.onopen = () => {
      connection.up();
      delay.reset();
    };
    source.onerror = () => {
      if (isFinished()) {
        connection.up();
        close();
      } else if (source.readyState === EventSource.CLOSED) {
        // The service rejected the request. EventSource does not report the reason.
        refreshSession();
        const millis = delay.next();
        connection.down(Date.now() + millis);
        timer = setTimeout(open, millis);
      } else {
        connection.down(Date.now() + BROWSER_RETRY_MILLIS);
      }
    };
    for (const type of EVENT_TYPES) {
      source.addEventListener(type, (event) => onEvent(type, JSON.parse(event.data), event.data));
    }
  }

  // A browser allows six connections to a host, so a hidden page closes its stream.
  function onVisibilityChange() {
    if (document.hidden) {
      close();
      connection.up();
    } else if (source === null && !isFinished()) {
      open();
    }
  }

  document.addEventListener('visibilitychange', onVisibilityChange);
  onVisibilityChange();
  return () => {
    document.removeEventListener('visibilitychange', onVisibilityChange);
    close();
    connection.up();
  };
}
