// Notifies the watchers of changed keys, once per frame.

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

  /** Notifies the watchers of a key with the next frame. */
  touch(key) {
    this.dirty.add(key);
    if (this.frame === null) this.frame = requestAnimationFrame(() => this.flush());
  }

  flush() {
    this.frame = null;
    const dirty = this.dirty;
    this.dirty = new Set();
    for (const key of dirty) for (const callback of this.watchers.get(key) ?? []) callback();
  }

  watch(key, callback) {
    if (!this.watchers.has(key)) this.watchers.set(key, new Set());
    const callbacks = this.watchers.get(key);
    callbacks.add(callback);
    return () => {
      callbacks.delete(callback);
      if (!callbacks.size && this.watchers.get(key) === callbacks) this.watchers.delete(key);
    };
  }
}
