// The data of the overview: active and waiting batches from events, projects from lists.

import { get } from './api.js';
import { ACTIVE_STATUSES, FINAL_STATUSES, awaitsApproval } from './parts.js';
import { Store } from './store.js';

/** Keys of the store: a batch, a project, and the list of projects as a whole. */
export const LIST = 'list';
export const batchKey = (id) => `batch ${id}`;
export const projectKey = (name) => `project ${name}`;

const RANKS = { running: 0, paused: 1, queued: 2, waiting: 3, idle: 4 };

export class Board {
  constructor() {
    this.store = new Store();
    this.batches = new Map();
    this.entries = new Map();
    /** Ids of the waiting batches of a project. */
    this.waiting = new Map();
    this.partial = false;
    /** True once a snapshot has arrived. Until then, no batch is loaded individually. */
    this.hasSnapshot = false;
    /** Batches that are being loaded, with the events that arrive in the meantime. */
    this.requests = new Map();
    this.requesting = false;
  }

  /** Applies an event of `/events`. */
  onEvent(kind, data) {
    if (kind === 'snapshot') this.snapshot(data);
    else if (this.batches.has(data.id)) this.merge(data);
    else if (FINAL_STATUSES.has(data.status)) this.ended(data);
    // A status that the batch has already left again comes without progress.
    else if (kind === 'status' && data.progress) this.merge(data);
    else this.load(data.id);
    // An event that arrives while the batch is loaded may be newer than the response.
    Object.assign(this.requests.get(data.id) ?? {}, data);
  }

  snapshot({ items, more }) {
    const before = [...this.batches.keys()];
    this.batches.clear();
    this.requests.clear();
    this.waiting.clear();
    this.partial = more;
    this.hasSnapshot = true;
    for (const entry of this.entries.values()) {
      if (!more) Object.assign(entry, { batch: null, waiting: 0 });
      this.store.touch(projectKey(entry.project));
    }
    for (const batch of items) this.merge(batch);
    if (more) for (const { batch } of this.entries.values()) if (batch !== null) this.load(batch);
    for (const id of before) this.store.touch(batchKey(id));
    this.store.touch(LIST);
  }

  /** Merges an update into the local copy of a batch. */
  merge(data) {
    const known = this.batches.get(data.id);
    const before = known?.status;
    const batch = known ? Object.assign(known, data) : data;
    this.store.touch(batchKey(batch.id));
    if (FINAL_STATUSES.has(batch.status)) {
      this.ended(batch);
      return;
    }
    this.batches.set(batch.id, batch);
    const entry = this.entry(batch.project);
    if (batch.status !== before) {
      this.updateWaiting(batch);
      if (ACTIVE_STATUSES.has(batch.status)) entry.batch = batch.id;
      this.store.touch(LIST);
    }
    this.store.touch(projectKey(batch.project));
  }

  ended(batch) {
    const entry = this.entry(batch.project);
    this.batches.delete(batch.id);
    this.updateWaiting(batch);
    if (entry.batch === batch.id) entry.batch = null;
    if (batch.id >= (entry.last ?? 0)) Object.assign(entry, { last: batch.id, outcome: batch.status });
    this.store.touch(projectKey(batch.project));
    this.store.touch(LIST);
  }

  updateWaiting({ id, project, status }) {
    const ids = this.waiting.get(project) ?? new Set();
    const before = ids.size;
    if (status === 'waiting') ids.add(id);
    else ids.delete(id);
    this.waiting.set(project, ids);
    const entry = this.entry(project);
    entry.waiting = this.partial ? Math.max(0, entry.waiting + ids.size - before) : ids.size;
  }

  entry(project) {
    let entry = this.entries.get(project);
    if (!entry) {
      entry = { project, batch: null, waiting: 0, last: null, outcome: null };
      this.entries.set(project, entry);
      this.store.touch(LIST);
    }
    return entry;
  }

  /** Adds a page of `/projects`. What events have reported of active batches is newer. */
  addPage(items) {
    for (const { project, batch, waiting, last } of items) {
      const entry = this.entry(project);
      if (last !== entry.last && last > (entry.last ?? 0)) Object.assign(entry, { last, outcome: null });
      if (entry.batch === null && batch > (entry.last ?? 0)) {
        entry.batch = batch;
        if (!this.batches.has(batch)) this.load(batch);
      }
      if (!this.waiting.has(project)) entry.waiting = waiting;
      this.store.touch(projectKey(project));
    }
    this.store.touch(LIST);
  }

  /** Loads an unknown batch; one at a time. */
  load(id) {
    if (!this.hasSnapshot || this.batches.has(id) || this.requests.has(id)) return;
    this.requests.set(id, {});
    if (!this.requesting) this.loadNext();
  }

  async loadNext() {
    const [id] = this.requests.keys();
    this.requesting = id !== undefined;
    if (!this.requesting) return;
    const meanwhile = {};
    this.requests.set(id, meanwhile);
    try {
      const batch = await get(`batches/${id}`);
      // A snapshot that has arrived in the meantime is newer.
      const current = this.requests.get(id) === meanwhile;
      if (current && !this.batches.has(id)) this.merge({ ...batch, ...meanwhile });
    } catch {
      // The next event of the batch loads it again.
    }
    if (this.requests.get(id) === meanwhile) this.requests.delete(id);
    this.loadNext();
  }

  /** Returns the first batch of a project that waits for an approval, or null. */
  awaitingApproval(project) {
    for (const id of this.waiting.get(project) ?? []) {
      if (this.batches.has(id) && awaitsApproval(this.batches.get(id))) return id;
    }
    return null;
  }

  statusOf(entry) {
    if (entry.batch !== null) return this.batches.get(entry.batch)?.status ?? 'queued';
    return entry.waiting > 0 ? 'waiting' : 'idle';
  }

  /** Returns the matching projects, running ones first, then those with the newest batch. */
  ordered({ project = '', status = '' }) {
    const typed = project.toLowerCase();
    const found = [];
    for (const entry of this.entries.values()) {
      const entryStatus = this.statusOf(entry);
      if ((status === '' || status === entryStatus) && entry.project.toLowerCase().includes(typed)) {
        found.push({ entry, rank: RANKS[entryStatus], newest: Math.max(entry.batch ?? 0, entry.last ?? 0) });
      }
    }
    found.sort((a, b) => a.rank - b.rank || b.newest - a.newest || (a.entry.project < b.entry.project ? -1 : 1));
    return found.map(({ entry }) => entry.project);
  }
}
