// Server-sent events: one stream, closed while nobody looks, opened again by itself.

import { lookAgain } from './api.js';
import { pauses, talk } from './connection.js';

const KINDS = ['snapshot', 'progress', 'status', 'throttle'];
/** What the service asks for with `retry:`. */
const BROWSER_RETRY = 1000;

/**
 * Listens to a stream.
 *
 * @param heard is given the kind of each event and its data
 * @param over says whether nothing more is to come, so that an end of the stream is none to repair
 * @return ends it
 */
export function listen(path, heard, over = () => false) {
  const pause = pauses();
  const line = talk();
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
      line.well();
      pause.reset();
    };
    source.onerror = () => {
      if (over()) {
        line.well();
        close();
      } else if (source.readyState === EventSource.CLOSED) {
        // It was refused, and does not say why.
        lookAgain();
        const millis = pause.next();
        line.lost(Date.now() + millis);
        timer = setTimeout(open, millis);
      } else {
        line.lost(Date.now() + BROWSER_RETRY);
      }
    };
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => heard(kind, JSON.parse(event.data), event.data));
    }
  }

  // A browser allows six connections to a host: a page that nobody sees gives its one back.
  function shown() {
    if (document.hidden) {
      close();
      line.well();
    } else if (source === null && !over()) {
      open();
    }
  }

  document.addEventListener('visibilitychange', shown);
  shown();
  return () => {
    document.removeEventListener('visibilitychange', shown);
    close();
    line.well();
  };
}
