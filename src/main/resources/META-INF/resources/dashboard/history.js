// The history page: all batches, newest first, in pages that each begin after the last batch of the previous one.

import { h, tags, useEffect, useLayoutEffect, useState } from './dom.js';
import { t } from './texts.js';
import * as format from './format.js';
import { get, poll, query } from './api.js';
import { batchLink, go, link } from './router.js';
import { Labels, labelsOf } from './labels.js';
import { Field, Loading, DateTime, ProblemBox, STATUSES, Skipped, Status, options, pendingOf } from './parts.js';

const { div, h1, p, a, form, input, select, option, button, table, thead, tbody, tr, th, td, nav } = tags;

const PAGE_SIZE = 50;

const runTime = ({ startedAt, finishedAt }) =>
  startedAt && finishedAt ? format.millis(new Date(finishedAt) - new Date(startedAt)) : '';

const Row = ({ batch }) =>
  tr(
    { 'data-testid': 'history-row', 'data-batch': batch.id },
    td({ class: 'n' }, a({ href: batchLink(batch.id) }, `#${batch.id}`)),
    td({ class: 'name' }, batch.project),
    td(null, h(Status, { status: batch.status, pending: pendingOf(batch) }), h(Skipped, { batch })),
    td(
      { class: 'description' },
      batch.kind === 'undo'
        ? `${t('kind.undo')} #${batch.undoes}`
        : batch.reason || batch.task || batch.statement || batch.sql,
      Object.keys(batch.labels ?? {}).length > 0 && [' ', h(Labels, { labels: batch.labels })],
    ),
    td(null, t(`mode.${batch.mode}`)),
    td({ class: 'n' }, t('rowsChangedN', { n: format.number(batch.progress.rowsChanged) })),
    td({ class: 'n' }, runTime(batch)),
    td({ class: 'when' }, h(DateTime, { at: batch.createdAt })),
  );

function Filters({ filter, reload }) {
  const [project, setProject] = useState(filter.project ?? '');
  const [label, setLabel] = useState(filter.label ?? '');
  const [number, setNumber] = useState('');
  useLayoutEffect(() => setProject(filter.project ?? ''), [filter.project]);
  useLayoutEffect(() => setLabel(filter.label ?? ''), [filter.label]);
  const filterBy = (change) => go(link('history', { ...filter, before: '', ...change }));
  const choice = (name, values, testid) =>
    h(Field, { label: t(name) }, (field) =>
      select(
        {
          ...field,
          'data-testid': testid,
          value: filter[name] ?? '',
          onChange: (event) => filterBy({ [name]: event.target.value }),
        },
        option({ value: '' }, t('any')),
        options(values, (one) => t(`${name}.${one}`)),
      ),
    );
  return div(
    { class: 'history-filters' },
    form(
      {
        onSubmit: (event) => {
          event.preventDefault();
          filterBy({ project: project.trim() });
        },
      },
      h(Field, { label: t('project') }, (field) =>
        input({
          ...field,
          type: 'search',
          'data-testid': 'history-project',
          value: project,
          autocomplete: 'off',
          onInput: (event) => setProject(event.target.value),
          onChange: () => project.trim() !== (filter.project ?? '') && filterBy({ project: project.trim() }),
        }),
      ),
    ),
    choice('status', STATUSES, 'history-status'),
    choice('mode', ['parallel', 'serial'], 'history-mode'),
    form(
      {
        onSubmit: (event) => {
          event.preventDefault();
          filterBy({ label: label.trim() });
        },
      },
      h(Field, { label: t('labels') }, (field) =>
        input({
          ...field,
          type: 'search',
          'data-testid': 'history-label',
          placeholder: 'ticket:OPS-7',
          value: label,
          autocomplete: 'off',
          onInput: (event) => setLabel(event.target.value),
          onChange: () => label.trim() !== (filter.label ?? '') && filterBy({ label: label.trim() }),
        }),
      ),
    ),
    form(
      {
        class: 'number',
        onSubmit: (event) => {
          event.preventDefault();
          if (/^[1-9]\d{0,17}$/.test(number.trim())) go(batchLink(number.trim()));
        },
      },
      h(Field, { label: t('goToBatch') }, (field) =>
        input({
          ...field,
          type: 'text',
          inputmode: 'numeric',
          'data-testid': 'history-goto',
          value: number,
          autocomplete: 'off',
          onInput: (event) => setNumber(event.target.value),
        }),
      ),
      button({ type: 'submit' }, t('go')),
    ),
    button({ type: 'button', onClick: reload, 'data-testid': 'history-reload' }, t('reload')),
  );
}

export function HistoryPage({ query: filter }) {
  const [state, setState] = useState({ page: null, problem: null });
  const [reloads, setReloads] = useState(0);
  const { project, status, mode, label, before } = filter;
  useEffect(() => {
    document.title = [project, t('history'), 'Rowmill'].filter(Boolean).join(' · ');
    return poll(
      () => {
        const labels = labelsOf(label ?? '').map((one) => `&label=${encodeURIComponent(one)}`);
        return get(`batches${query({ project, status, mode, before, limit: PAGE_SIZE })}${labels.join('')}`);
      },
      (page) => setState({ page, problem: null }),
      (problem) => setState({ page: null, problem }),
    );
  }, [project, status, mode, label, before, reloads]);
  const { page, problem } = state;
  const next = page?.next && new URLSearchParams(page.next.split('?')[1]).get('before');
  const head = (name, kind) => th({ scope: 'col', class: kind }, t(name));
  return div(
    { class: 'history' },
    h1(null, t('history')),
    h(Filters, { filter, reload: () => setReloads((n) => n + 1) }),
    problem && h(ProblemBox, { problem }),
    !page && !problem && h(Loading),
    page && page.items.length === 0 && p({ class: 'empty' }, t('nothingFound')),
    page &&
      page.items.length > 0 &&
      table(
        { class: 'batches' },
        thead(
          null,
          tr(
            null,
            head('batch', 'n'),
            head('project'),
            head('status'),
            head('description'),
            head('mode'),
            head('rowsChanged', 'n'),
            head('duration', 'n'),
            head('createdAt'),
          ),
        ),
        tbody(
          null,
          page.items.map((batch) => h(Row, { batch, key: batch.id })),
        ),
      ),
    nav(
      { class: 'buttons pages', 'aria-label': t('pages') },
      before && a({ class: 'button', href: link('history', { ...filter, before: '' }) }, t('newest')),
      next &&
        a(
          { class: 'button', href: link('history', { ...filter, before: next }), 'data-testid': 'history-next' },
          t('older'),
        ),
    ),
  );
}
