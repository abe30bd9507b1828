// The list of projects. A row renders when its project changes; the list only when its order changes.

import { h, tags, Component, PureComponent, useEffect, useLayoutEffect, useRef, useState } from './dom.js';
import { t } from './texts.js';
import * as format from './format.js';
import { get, query, poll } from './api.js';
import { ProgressBar, Field, Loading, Status, icon, options, pendingOf } from './parts.js';
import { batchLink, go, link } from './router.js';
import { LIST, projectKey } from './board.js';
import { may } from './session.js';

const { section, div, ul, li, a, span, p, h2, button, input, select } = tags;

const PAGE_SIZE = 500;
/** Delay before a long list is reordered, and before a filter is applied. */
const DELAY_MILLIS = 200;
/** Rows rendered at first and with each further frame, so that no frame takes long. */
const ROWS_PER_FRAME = 20;
const FILTER_STATUSES = ['running', 'paused', 'queued', 'waiting', 'idle'];

class Row extends PureComponent {
  componentDidMount() {
    const { board, name } = this.props;
    this.unwatch = board.store.watch(projectKey(name), () => this.forceUpdate());
  }

  componentWillUnmount() {
    this.unwatch();
  }

  render({ board, name }) {
    const entry = board.entries.get(name);
    const status = board.statusOf(entry);
    const batch = board.batches.get(entry.batch);
    const awaited = board.awaitingApproval(name);
    return li(
      { class: 'project', 'data-testid': 'project', 'data-project': name, 'data-status': status },
      a({ class: 'name', href: link('history', { project: name }), title: name }, name),
      h(Status, { status, pending: batch && pendingOf(batch) }),
      batch ? this.progress(batch) : this.rest(entry),
      span(
        { class: 'notes' },
        batch?.throttle &&
          span({ class: 'mark', title: batch.throttle.detail }, icon('paused'), t(`hold.${batch.throttle.reason}`)),
        awaited !== null &&
          a(
            { class: 'behind', href: batchLink(awaited), 'data-testid': 'awaited' },
            t('awaitsApproval', { id: awaited }),
          ),
        entry.waiting > (awaited === null ? 0 : 1) &&
          span({ class: 'behind' }, t('moreWaiting', { n: format.number(entry.waiting) })),
      ),
      entry.batch !== null
        ? a({ class: 'batch', href: batchLink(entry.batch) }, `#${entry.batch}`)
        : may('operator') &&
            a(
              {
                class: 'batch quiet',
                href: link('start', { project: name }),
                'aria-label': t('startFor', { project: name }),
              },
              t('start'),
            ),
    );
  }

  progress(batch) {
    const { progress, status, position } = batch;
    const hasStarted = progress.rowsScanned > 0;
    return [
      h(ProgressBar, { batch, key: 'bar' }),
      span(
        { class: 'percent', key: 'percent' },
        progress.percent != null
          ? format.percent(progress.percent)
          : hasStarted
            ? format.compact(progress.rowsScanned)
            : '',
      ),
      span(
        { class: 'rate', 'data-testid': 'rate', key: 'rate' },
        status === 'running'
          ? format.rate(progress.rowsPerSecond)
          : position != null
            ? t('position', { n: format.number(position) })
            : '',
      ),
      span({ class: 'eta', 'data-testid': 'eta', key: 'eta' }, format.timeLeft(progress)),
    ];
  }

  rest({ last, outcome }) {
    return span(
      { class: 'last', key: 'last' },
      last !== null && [
        t('last'),
        ' ',
        a({ href: batchLink(last) }, `#${last}`),
        ' ',
        outcome && h(Status, { status: outcome }),
      ],
    );
  }
}

class List extends Component {
  drawn = ROWS_PER_FRAME;
  found = 0;

  componentDidMount() {
    const { store } = this.props.board;
    this.unwatch = store.watch(LIST, () => {
      // A short list is reordered immediately, a long one at intervals.
      this.timer ??= setTimeout(
        () => {
          this.timer = null;
          this.forceUpdate();
        },
        this.found < ROWS_PER_FRAME ? 0 : DELAY_MILLIS,
      );
    });
    this.grow();
  }

  componentDidUpdate() {
    this.grow();
  }

  componentWillUnmount() {
    this.unwatch();
    clearTimeout(this.timer);
    cancelAnimationFrame(this.frame);
  }

  /** Renders more rows with each frame until all are shown. */
  grow() {
    cancelAnimationFrame(this.frame);
    if (this.drawn >= this.found) return;
    this.frame = requestAnimationFrame(() => {
      this.drawn += ROWS_PER_FRAME;
      this.forceUpdate();
    });
  }

  render({ board, filter }) {
    const found = board.ordered(filter);
    this.found = found.length;
    return div(
      null,
      p({ class: 'count', role: 'status' }, t('projectsFound', { n: format.number(found.length) })),
      ul(
        { class: 'projects' },
        found.slice(0, this.drawn).map((name) => h(Row, { board, name, key: name })),
      ),
    );
  }
}

const Empty = () =>
  div(
    { class: 'empty' },
    p(null, t('noProjects')),
    may('operator') && a({ class: 'button primary', href: '#/start' }, t('startFirst')),
  );

export function Projects({ board, filter }) {
  const [typed, setTyped] = useState(filter.project ?? '');
  const [next, setNext] = useState(null);
  const [state, setState] = useState('loading');
  const more = useRef(() => {});

  const pollPage = (path, then) =>
    poll(
      () => get(path),
      ({ items, next: rest }) => {
        board.addPage(items);
        then(rest);
      },
    );

  useEffect(() => {
    const ends = [];
    const all = (path) =>
      ends.push(
        pollPage(path, (rest) => {
          setNext(rest);
          setState(board.entries.size ? 'loaded' : 'empty');
        }),
      );
    // Running projects are loaded first, because the full list takes longer.
    const running = (path) =>
      ends.push(
        pollPage(path, (rest) => {
          if (rest) running(rest);
          else all(`projects${query({ limit: PAGE_SIZE })}`);
        }),
      );
    running(`projects${query({ running: true, limit: PAGE_SIZE })}`);
    more.current = all;
    const unwatch = board.store.watch(LIST, () => {
      if (board.entries.size) setState('loaded');
    });
    return () => {
      unwatch();
      for (const end of ends) end();
    };
  }, [board]);

  const given = filter.project ?? '';
  useLayoutEffect(() => setTyped(given), [given]);
  useEffect(() => {
    if (typed === given) return undefined;
    const timer = setTimeout(() => go(link('', { ...filter, project: typed }), true), DELAY_MILLIS);
    return () => clearTimeout(timer);
  }, [typed, given, filter]);
  // The service searches the projects that are not loaded.
  useEffect(() => {
    if (!given || !next || !/^[\w.-]{1,64}$/.test(given)) return undefined;
    return pollPage(`projects${query({ prefix: given, limit: PAGE_SIZE })}`, () => {});
  }, [given, next]);

  return section(
    { 'aria-labelledby': 'projects-title' },
    div(
      { class: 'section-head' },
      h2({ id: 'projects-title' }, t('projects')),
      div(
        { class: 'filters' },
        h(Field, { label: t('filterProject') }, (props) =>
          input({
            ...props,
            type: 'search',
            'data-testid': 'filter-project',
            value: typed,
            autocomplete: 'off',
            onInput: (event) => setTyped(event.target.value),
          }),
        ),
        h(Field, { label: t('filterStatus') }, (props) =>
          select(
            {
              ...props,
              'data-testid': 'filter-status',
              value: filter.status ?? '',
              onChange: (event) => go(link('', { ...filter, status: event.target.value })),
            },
            tags.option({ value: '' }, t('any')),
            options(FILTER_STATUSES, (one) => t(`status.${one}`)),
          ),
        ),
      ),
    ),
    state === 'empty' ? h(Empty) : state === 'loading' ? h(Loading) : h(List, { board, filter }),
    next && button({ type: 'button', class: 'more', onClick: () => more.current(next) }, t('moreProjects')),
  );
}
