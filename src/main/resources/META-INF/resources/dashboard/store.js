// The batches that a page knows, kept up by events; who watches one is told once a frame.

export class Store {
  constructor() {
    this.values = new Map();
    this.watchers = new Map();
    this.dirty = new Set();
    this.frame = null;
  }

  get(key) {
    return this.values.get(key);
  }

  set(key, value) {
    this.values.set(key, value);
    this.touch(key);
  }

  remove(key) {
    this.values.delete(key);
    this.touch(key);
  }

  /** Has the watchers of a key, and of '*', told with the next frame. */
  touch(key) {
    this.dirty.add(key);
    if (this.frame === null) this.frame = requestAnimationFrame(() => this.flush());
  }

  flush() {
    this.frame = null;
    const dirty = this.dirty;
    this.dirty = new Set();
    for (const key of dirty) for (const told of this.watchers.get(key) ?? []) told();
  }

  watch(key, told) {
    if (!this.watchers.has(key)) this.watchers.set(key, new Set());
    const all = this.watchers.get(key);
    all.add(told);
    return () => {
      all.delete(told);
      if (!all.size && this.watchers.get(key) === all) this.watchers.delete(key);
    };
  }
}
