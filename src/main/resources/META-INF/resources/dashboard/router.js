// The route of the dashboard is in the URL's hash, so that each view has a link.

/** Parses a hash: `#/batches/42?x=y` becomes `{page: 'batches', id: '42', query: {x: 'y'}}`. */
export function route(hash = location.hash) {
  const [path, search = ''] = hash.replace(/^#\/?/, '').split('?');
  const [page, id = null] = path.split('/');
  return { page, id, query: Object.fromEntries(new URLSearchParams(search)) };
}

/** Returns the link to a page, without empty members of the query. */
export function link(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== '' && value != null);
  return `#/${path}${given.length ? `?${new URLSearchParams(given)}` : ''}`;
}

export const batchLink = (id) => link(`batches/${id}`);

export const chainLink = (id) => link(`chains/${id}`);

/** Navigates to a hash. It becomes a new entry of the browser's history, or replaces the current one. */
export function go(hash, replace = false) {
  if (!replace) {
    location.hash = hash;
    return;
  }
  history.replaceState(null, '', hash);
  dispatchEvent(new HashChangeEvent('hashchange'));
}

export const onRouteChange = (listener) => addEventListener('hashchange', listener);
