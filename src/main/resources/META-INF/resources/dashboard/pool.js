// The threads of the pool as tiles, and the line of serial mode.

import { h, tags, names, length, Component, useRef } from './dom.js';
import { t } from './texts.js';
import * as format from './format.js';
import { icon } from './parts.js';
import { batchLink } from './router.js';
import { batchKey } from './board.js';

const { section, div, ul, ol, li, a, span, p, h2 } = tags;

/** Draws anew when one batch changes. */
class Watching extends Component {
  componentDidMount() {
    this.follow();
  }

  componentDidUpdate() {
    if (this.followed !== this.props.id) this.follow();
  }

  follow() {
    this.unwatch?.();
    this.followed = this.props.id;
    this.unwatch = this.props.board.store.watch(batchKey(this.followed), () => this.forceUpdate());
  }

  componentWillUnmount() {
    this.unwatch();
  }

  batch() {
    const { board, id } = this.props;
    const batch = board.batches.get(id);
    if (!batch) board.need(id);
    return batch;
  }
}

class Tile extends Watching {
  render({ id, project, stuck }) {
    const batch = this.batch();
    const percent = batch?.progress.percent;
    const held = batch?.throttle;
    const mark = stuck ? t('stuck', { time: format.clock(new Date(stuck)) }) : held ? t(`hold.${held.reason}`) : null;
    return a(
      {
        class: names('tile', 'busy', mark && 'marked'),
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
        ? span({ class: 'mark', title: held?.detail ?? mark }, icon(stuck ? 'warn' : 'paused'), mark)
        : span({ class: 'mark' }, batch ? format.timeLeft(batch.progress) : ''),
      div(
        { class: names('thread', percent == null && 'unknown') },
        div({ class: 'fill', ref: length(percent ?? 100) }),
      ),
    );
  }
}

/** Keeps each thread on the tile where it was, whoever else leaves. */
function seated(seats, { size, threads }) {
  const key = ({ batch, since }) => `${batch} ${since}`;
  const left = new Map(threads.filter(({ batch }) => batch !== null).map((thread) => [key(thread), thread]));
  const kept = Array.from({ length: Math.max(size, threads.length) }, (_, i) => {
    const at = seats[i] && key(seats[i]);
    const thread = left.get(at) ?? null;
    left.delete(at);
    return thread;
  });
  // One does not see what others' threads are at: they take what is left.
  const others = threads.filter(({ batch }) => batch === null);
  for (const thread of [...left.values(), ...others]) kept[kept.indexOf(null)] = thread;
  return kept;
}

export function Pool({ pool, board }) {
  const seats = useRef([]);
  if (!pool) return section({ class: 'pool', 'data-testid': 'pool', 'aria-busy': 'true' }, h2(null, t('pool')));
  seats.current = seated(seats.current, pool);
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
      seats.current.map((thread, i) =>
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

class InLine extends Watching {
  render({ id, testid }) {
    const batch = this.batch();
    return a(
      { href: batchLink(id), 'data-testid': testid, 'data-batch': id },
      batch ? batch.project : '…',
      span({ class: 'id' }, ` #${id}`),
    );
  }
}

export function SerialLine({ serial, board }) {
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
            h(InLine, { board, id: holder, testid: 'serial-holder' }),
          ),
        waiting.map((id, i) =>
          li(
            { key: id },
            span({ class: 'place' }, format.number(i + 1)),
            h(InLine, { board, id, testid: 'serial-waiting' }),
          ),
        ),
      ),
  );
}
