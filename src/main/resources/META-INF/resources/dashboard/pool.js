// The threads of the pool as tiles, and the queue of serial mode.

import { h, tags, classNames, barLength, Component, useRef } from './dom.js';
import { t } from './texts.js';
import * as format from './format.js';
import { icon } from './parts.js';
import { batchLink } from './router.js';
import { batchKey } from './board.js';

const { section, div, ul, ol, li, a, span, p, h2 } = tags;

/** Renders again when one batch changes. */
class BatchComponent extends Component {
  componentDidMount() {
    this.watch();
  }

  componentDidUpdate() {
    if (this.watchedId !== this.props.id) this.watch();
  }

  watch() {
    this.unwatch?.();
    this.watchedId = this.props.id;
    this.unwatch = this.props.board.store.watch(batchKey(this.watchedId), () => this.forceUpdate());
  }

  componentWillUnmount() {
    this.unwatch();
  }

  batch() {
    const { board, id } = this.props;
    const batch = board.batches.get(id);
    if (!batch) board.load(id);
    return batch;
  }
}

class Tile extends BatchComponent {
  render({ id, project, stuck }) {
    const batch = this.batch();
    const percent = batch?.progress.percent;
    const hold = batch?.throttle;
    const mark = stuck ? t('stuck', { time: format.time(new Date(stuck)) }) : hold ? t(`hold.${hold.reason}`) : null;
    return a(
      {
        class: classNames('tile', 'busy', mark && 'marked'),
        href: batchLink(id),
        'data-testid': 'tile',
        'data-batch': id,
      },
      span({ class: 'name', title: project }, project),
      span(
        { class: 'figure' },
        percent != null ? format.percent(percent) : batch ? format.compact(batch.progress.rowsScanned) : '…',
      ),
      mark
        ? span({ class: 'mark', title: hold?.detail ?? mark }, icon(stuck ? 'warn' : 'paused'), mark)
        : span({ class: 'mark' }, batch ? format.timeLeft(batch.progress) : ''),
      div(
        { class: classNames('thread', percent == null && 'unknown') },
        div({ class: 'fill', ref: barLength(percent ?? 100) }),
      ),
    );
  }
}

/** Assigns threads to tiles. A thread stays on its tile while others come and go. */
function assignTiles(tiles, { size, threads }) {
  const key = ({ batch, since }) => `${batch} ${since}`;
  const unassigned = new Map(threads.filter(({ batch }) => batch !== null).map((thread) => [key(thread), thread]));
  const assigned = Array.from({ length: Math.max(size, threads.length) }, (_, i) => {
    const at = tiles[i] && key(tiles[i]);
    const thread = unassigned.get(at) ?? null;
    unassigned.delete(at);
    return thread;
  });
  // Threads of projects that the user may not see take the remaining tiles.
  const hidden = threads.filter(({ batch }) => batch === null);
  for (const thread of [...unassigned.values(), ...hidden]) assigned[assigned.indexOf(null)] = thread;
  return assigned;
}

export function Pool({ pool, board }) {
  const tiles = useRef([]);
  if (!pool) return section({ class: 'pool', 'data-testid': 'pool', 'aria-busy': 'true' }, h2(null, t('pool')));
  tiles.current = assignTiles(tiles.current, pool);
  return section(
    { class: 'pool', 'data-testid': 'pool', 'aria-labelledby': 'pool-title' },
    div(
      { class: 'section-head' },
      h2({ id: 'pool-title' }, t('pool')),
      p(null, t('poolActive', { active: format.number(pool.active), size: format.number(pool.size) })),
      p(null, t('poolQueued', { queued: format.number(pool.queued), capacity: format.number(pool.queueCapacity) })),
    ),
    ul(
      { class: 'tiles' },
      tiles.current.map((thread, i) =>
        li(
          { key: i },
          thread?.project
            ? h(Tile, { board, id: thread.batch, project: thread.project, stuck: thread.stuckSince })
            : div(
                { class: 'tile', 'data-testid': 'tile' },
                span({ class: 'name' }, t(thread ? 'hiddenProject' : 'status.idle')),
              ),
        ),
      ),
    ),
  );
}

class QueueEntry extends BatchComponent {
  render({ id, testid }) {
    const batch = this.batch();
    return a(
      { href: batchLink(id), 'data-testid': testid, 'data-batch': id },
      batch ? batch.project : '…',
      span({ class: 'id' }, ` #${id}`),
    );
  }
}

export function SerialQueue({ serial, board }) {
  const { holder, waiting } = serial ?? { holder: null, waiting: [] };
  return section(
    { class: 'serial', 'data-testid': 'serial', 'aria-labelledby': 'serial-title' },
    div(
      { class: 'section-head' },
      h2({ id: 'serial-title' }, t('serialQueue')),
      p(
        null,
        holder === null && !waiting.length
          ? t('serialEmpty')
          : t('serialWaiting', { n: format.number(waiting.length) }),
      ),
    ),
    (holder !== null || waiting.length > 0) &&
      ol(
        { class: 'line' },
        holder !== null &&
          li(
            { class: 'holder', key: holder },
            span({ class: 'place' }, t('serialHolder')),
            h(QueueEntry, { board, id: holder, testid: 'serial-holder' }),
          ),
        waiting.map((id, i) =>
          li(
            { key: id },
            span({ class: 'place' }, format.number(i + 1)),
            h(QueueEntry, { board, id, testid: 'serial-waiting' }),
          ),
        ),
      ),
  );
}
