// Where in the dashboard we are: all of it is in the hash, so that each state has its link.

/** The place that a hash names: `#/batches/42?x=y` is `{page: 'batches', id: '42', query: {x: 'y'}}`. */
export function place(hash = location.hash) {
  const [path, search = ''] = hash.replace(/^#\/?/, '').split('?');
  const [page, id = null] = path.split('/');
  return { page, id, query: Object.fromEntries(new URLSearchParams(search)) };
}

/** The link to a page; members of the query that are empty are left out. */
export function link(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== '' && value != null);
  return `#/${path}${given.length ? `?${new URLSearchParams(given)}` : ''}`;
}

export const batchLink = (id) => link(`batches/${id}`);

/** Goes to a place; as a new step of the browser's history unless it replaces the one we are at. */
export function go(hash, replace = false) {
  if (!replace) {
    location.hash = hash;
    return;
  }
  history.replaceState(null, '', hash);
  dispatchEvent(new HashChangeEvent('hashchange'));
}

export const onPlace = (heard) => addEventListener('hashchange', heard);
