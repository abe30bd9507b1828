// What the overview knows: active and waiting batches by the events, projects by the lists.

import { get } from './api.js';
import { ACTIVE, FINAL, awaitsApproval } from './parts.js';
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
    this.line = new Map();
    this.partial = false;
    /** Whether a snapshot has come; it is waited for rather than asking for each batch. */
    this.begun = false;
    /** Batches that are asked for, with what is heard of them meanwhile. */
    this.wanted = new Map();
    this.asking = false;
  }

  /** One event of `/events`. */
  heard(kind, data) {
    if (kind === 'snapshot') this.snapshot(data);
    else if (this.batches.has(data.id)) this.merge(data);
    else if (FINAL.has(data.status)) this.ended(data);
    // One that has left a status again comes with no more than its name.
    else if (kind === 'status' && data.progress) this.merge(data);
    else this.need(data.id);
    // What is told while the batch is being asked for may be newer than the answer.
    Object.assign(this.wanted.get(data.id) ?? {}, data);
  }

  snapshot({ items, more }) {
    const before = [...this.batches.keys()];
    this.batches.clear();
    this.wanted.clear();
    this.line.clear();
    this.partial = more;
    this.begun = true;
    for (const entry of this.entries.values()) {
      if (!more) Object.assign(entry, { batch: null, waiting: 0 });
      this.store.touch(projectKey(entry.project));
    }
    for (const batch of items) this.merge(batch);
    if (more) for (const { batch } of this.entries.values()) if (batch !== null) this.need(batch);
    for (const id of before) this.store.touch(batchKey(id));
    this.store.touch(LIST);
  }

  /** Puts what is new of a batch into the copy of it that is here. */
  merge(data) {
    const known = this.batches.get(data.id);
    const before = known?.status;
    const batch = known ? Object.assign(known, data) : data;
    this.store.touch(batchKey(batch.id));
    if (FINAL.has(batch.status)) {
      this.ended(batch);
      return;
    }
    this.batches.set(batch.id, batch);
    const entry = this.entry(batch.project);
    if (batch.status !== before) {
      this.queueUp(batch);
      if (ACTIVE.has(batch.status)) entry.batch = batch.id;
      this.store.touch(LIST);
    }
    this.store.touch(projectKey(batch.project));
  }

  ended(batch) {
    const entry = this.entry(batch.project);
    this.batches.delete(batch.id);
    this.queueUp(batch);
    if (entry.batch === batch.id) entry.batch = null;
    if (batch.id >= (entry.last ?? 0)) Object.assign(entry, { last: batch.id, outcome: batch.status });
    this.store.touch(projectKey(batch.project));
    this.store.touch(LIST);
  }

  queueUp({ id, project, status }) {
    const line = this.line.get(project) ?? new Set();
    const counted = line.size;
    if (status === 'waiting') line.add(id);
    else line.delete(id);
    this.line.set(project, line);
    const entry = this.entry(project);
    entry.waiting = this.partial ? Math.max(0, entry.waiting + line.size - counted) : line.size;
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

  /** A page of `/projects`. What events have told of active batches is newer. */
  listed(items) {
    for (const { project, batch, waiting, last } of items) {
      const entry = this.entry(project);
      if (last !== entry.last && last > (entry.last ?? 0)) Object.assign(entry, { last, outcome: null });
      if (entry.batch === null && batch > (entry.last ?? 0)) {
        entry.batch = batch;
        if (!this.batches.has(batch)) this.need(batch);
      }
      if (!this.line.has(project)) entry.waiting = waiting;
      this.store.touch(projectKey(project));
    }
    this.store.touch(LIST);
  }

  /** Asks for a batch that is not known, one after the other. */
  need(id) {
    if (!this.begun || this.batches.has(id) || this.wanted.has(id)) return;
    this.wanted.set(id, {});
    if (!this.asking) this.askNext();
  }

  async askNext() {
    const [id] = this.wanted.keys();
    this.asking = id !== undefined;
    if (!this.asking) return;
    const meanwhile = {};
    this.wanted.set(id, meanwhile);
    try {
      const batch = await get(`batches/${id}`);
      // A snapshot that came meanwhile knows better.
      const current = this.wanted.get(id) === meanwhile;
      if (current && !this.batches.has(id)) this.merge({ ...batch, ...meanwhile });
    } catch {
      // Asked for again when it is next heard of.
    }
    if (this.wanted.get(id) === meanwhile) this.wanted.delete(id);
    this.askNext();
  }

  /** The first batch of a project that waits for another's word. */
  awaited(project) {
    for (const id of this.line.get(project) ?? []) {
      if (this.batches.has(id) && awaitsApproval(this.batches.get(id))) return id;
    }
    return null;
  }

  statusOf(entry) {
    if (entry.batch !== null) return this.batches.get(entry.batch)?.status ?? 'queued';
    return entry.waiting > 0 ? 'waiting' : 'idle';
  }

  /** The projects that match, running first, each with the newest batch first. */
  ordered({ project = '', status = '' }) {
    const typed = project.toLowerCase();
    const found = [];
    for (const entry of this.entries.values()) {
      const is = this.statusOf(entry);
      if ((status === '' || status === is) && entry.project.toLowerCase().includes(typed)) {
        found.push({ entry, rank: RANKS[is], newest: Math.max(entry.batch ?? 0, entry.last ?? 0) });
      }
    }
    found.sort((a, b) => a.rank - b.rank || b.newest - a.newest || (a.entry.project < b.entry.project ? -1 : 1));
    return found.map(({ entry }) => entry.project);
  }
}
