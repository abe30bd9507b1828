// The chains: their list, and the page of one with the graph of its steps.

import { classNames, h, tags, useEffect, useState } from './dom.js';
import { t } from './texts.js';
import * as format from './format.js';
import { get, poll, post, query } from './api.js';
import { batchLink, chainLink, go, link } from './router.js';
import { may } from './session.js';
import { CancelDialog, UndoDialog } from './dialogs.js';
import { StepGraph } from './graph.js';
import {
  DateTime,
  FINAL_STATUSES,
  Loading,
  ProblemBox,
  ScrollBox,
  Skipped,
  STATUSES,
  Status,
  icon,
  useRequest,
} from './parts.js';

const { div, section, h1, h2, p, a, button, table, thead, tbody, tr, th, td, dl, dt, dd, nav, span, strong } = tags;

const PAGE_SIZE = 50;
const LIST_REFRESH_MILLIS = 5000;
const REFRESH_MILLIS = 1000;

const head = (name, kind) => th({ scope: 'col', class: kind }, t(name));
const isOver = ({ status }) => FINAL_STATUSES.has(status);
const percentOf = ({ status, progress }) =>
  status === 'running' && progress.percent != null ? format.percent(progress.percent) : null;

export const chainName = ({ id, name }) => name ?? t('chainNumber', { id });

/** Returns how many steps have each status, such as `2 succeeded, 1 running`. */
function counts({ steps }) {
  return STATUSES.map((status) => ({ status, n: steps.filter((step) => step.status === status).length }))
    .filter(({ n }) => n > 0)
    .map(({ status, n }) => t('stepsIn', { n: format.number(n), status: t(`status.${status}`) }))
    .join(t('comma'));
}

const Row = ({ chain }) =>
  tr(
    { 'data-testid': 'chain-row', 'data-chain': chain.id },
    td({ class: 'n' }, a({ href: chainLink(chain.id) }, `#${chain.id}`)),
    td(
      { class: 'name' },
      chain.name && a({ href: chainLink(chain.id) }, chain.name),
      chain.undoOf != null && span({ class: 'quiet-text' }, ' ', t('undoOfChain', { id: chain.undoOf })),
    ),
    td(null, h(Status, { status: chain.status })),
    td({ class: 'description' }, counts(chain)),
    td(null, chain.submittedBy ?? ''),
    td({ class: 'when' }, h(DateTime, { at: chain.createdAt })),
  );

const NewButton = () =>
  may('operator') &&
  a({ class: 'button primary', href: link('chain-form'), 'data-testid': 'chain-new' }, t('newChain'));

function List({ before }) {
  const [state, setState] = useState({ page: null, problem: null });
  useEffect(() => {
    document.title = `${t('chains')} · Rowmill`;
    return poll(
      () => get(`chains${query({ before, limit: PAGE_SIZE })}`),
      (page) => setState({ page, problem: null }),
      (problem) => setState({ page: null, problem }),
      LIST_REFRESH_MILLIS,
    );
  }, [before]);
  const { page, problem } = state;
  const next = page?.next && new URLSearchParams(page.next.split('?')[1]).get('before');
  const isEmpty = page?.items.length === 0;
  return div(
    { class: 'schedules' },
    div({ class: 'section-head' }, h1(null, t('chains')), !isEmpty && h(NewButton)),
    problem && h(ProblemBox, { problem }),
    !page && !problem && h(Loading),
    isEmpty && div({ class: 'empty', 'data-testid': 'no-chains' }, p(null, t('noChains')), h(NewButton)),
    page &&
      !isEmpty &&
      h(
        ScrollBox,
        { label: t('chains') },
        table(
          { class: 'batches' },
          thead(
            null,
            tr(
              null,
              head('chain', 'n'),
              head('chainName'),
              head('status'),
              head('steps'),
              head('submittedBy'),
              head('createdAt'),
            ),
          ),
          tbody(
            null,
            page.items.map((chain) => h(Row, { chain, key: chain.id })),
          ),
        ),
      ),
    nav(
      { class: 'buttons pages', 'aria-label': t('pages') },
      before && a({ class: 'button', href: link('chains') }, t('newest')),
      next && a({ class: 'button', href: link('chains', { before: next }) }, t('older')),
    ),
  );
}

/** Returns what a waiting step waits for, as a text. */
export function waitsFor(step, chain) {
  const left = step.needs.filter((name) => chain.steps.find((one) => one.name === name)?.status !== 'succeeded');
  if (left.length) return t('waitsForSteps', { steps: left.join(t('comma')) });
  if (chain.paused) return t('waitsForResume');
  return step.awaitsApproval ? t('waitsForApproval') : t('waitsForProject', { project: step.project });
}

/** Shows the buttons that the state of the chain and the user's role allow. */
function Buttons({ chain, changed }) {
  const { busy, problem, send } = useRequest();
  const [dialog, setDialog] = useState(null);
  if (!may('operator')) return null;
  const { id, status, paused, steps } = chain;
  const path = `chains/${id}`;
  const act = (action, suffix = '') =>
    send(action, async () => {
      const response = await post(`${path}/${action}${suffix}`);
      changed(response);
      return response;
    });
  const action = (which, onClick, kind) =>
    button(
      { type: 'button', class: kind, 'data-testid': `chain-${which}`, 'aria-disabled': Boolean(busy), onClick: busy ? null : onClick },
      t(which),
    );
  const rows = steps.reduce((sum, { progress }) => sum + progress.rowsChanged, 0);
  const mayRetry = steps.some((step) => step.status === 'failed' || step.status === 'cancelled');
  return div(
    { class: 'controls' },
    div(
      { class: 'buttons' },
      // Pause and resume share one position, so that the keyboard focus stays on it.
      !isOver(chain) &&
        (paused || status === 'paused' ? action('resume', () => act('resume'), 'primary') : action('pause', () => act('pause'))),
      !isOver(chain) && action('cancel', () => setDialog('cancel'), 'danger'),
      mayRetry && action('retry', () => act('retry'), 'primary'),
      isOver(chain) && rows > 0 && action('undo', () => setDialog('undo')),
      isOver(chain) &&
        chain.undoOf == null &&
        may('author') &&
        a({ class: 'button', href: link('chain-form', { copy: id }), 'data-testid': 'chain-copy' }, t('startAgain')),
    ),
    problem && h(ProblemBox, { problem }, problem.document.step && p(null, t('atStep', { step: problem.document.step }))),
    dialog === 'cancel' &&
      h(CancelDialog, {
        title: t('cancelTitleOf', { name: chainName(chain) }),
        detail: t('cancelChainDetail', { rows: format.number(rows) }),
        confirm: t('cancelChainConfirm'),
        isRunning: steps.some((step) => step.status === 'running'),
        onCancel: (force) => act('cancel', query({ force: force || '' })),
        onClose: () => setDialog(null),
      }),
    dialog === 'undo' &&
      h(UndoDialog, {
        title: t('undoTitleOf', { name: chainName(chain) }),
        detail: t('undoChainDetail'),
        path: `${path}/undo`,
        onUndone: (undo) => go(chainLink(undo.id)),
        onClose: () => setDialog(null),
      }),
  );
}

/** Shows a step in the graph, as a link to its batch. */
function Node({ step, chain }) {
  const percent = percentOf(step);
  const needs = step.needs.length ? t('needsSteps', { steps: step.needs.join(t('comma')) }) : '';
  return a(
    {
      class: `step is-${step.status}`,
      href: batchLink(step.batch),
      title: step.status === 'waiting' ? `${step.name}\n${waitsFor(step, chain)}` : step.name,
      'aria-label': [step.name, t(`status.${step.status}`), percent, needs].filter(Boolean).join(t('comma')),
      'data-testid': 'graph-step',
      'data-step': step.name,
      'data-status': step.status,
    },
    span({ class: 'step-name' }, step.name),
    span({ class: 'step-state' }, icon(step.status), span(null, t(`status.${step.status}`)), percent && strong(null, percent)),
  );
}

const StepRow = ({ step, chain }) =>
  tr(
    { 'data-testid': 'chain-step-row', 'data-step': step.name },
    th({ scope: 'row', class: 'name' }, step.name),
    td(null, h(Status, { status: step.status }), h(Skipped, { batch: step }), percentOf(step) && ` ${percentOf(step)}`),
    td({ class: 'n of-batch' }, a({ href: batchLink(step.batch) }, `#${step.batch}`)),
    td({ class: 'of-project' }, step.project),
    td(
      { class: classNames('needs', !step.needs.length && 'none'), 'data-label': t('needs') },
      step.needs.length ? step.needs.join(t('comma')) : '–',
    ),
    td({ class: 'n rows', 'data-label': t('rowsChanged') }, format.number(step.progress.rowsChanged)),
    td(
      { class: 'note' },
      step.status === 'waiting' && waitsFor(step, chain),
      step.error && step.error.title,
    ),
  );

/** Shows the problems of the steps that have failed by themselves. */
const Failures = ({ chain }) =>
  chain.steps
    .filter(({ error, status }) => error && status === 'failed')
    .map(({ name, batch, error }) =>
      div(
        { key: name, class: 'problem', 'data-testid': 'chain-failure', 'data-step': name },
        strong(null, icon('failed'), t('failedStep', { step: name, title: error.title })),
        error.detail && p(null, error.detail),
        p(null, a({ href: batchLink(batch) }, t('seeBatch', { id: batch }))),
      ),
    );

/** Loads a chain, and keeps it current. */
export function useChain(id) {
  const [state, setState] = useState({ chain: null, problem: null });
  const over = state.chain !== null && isOver(state.chain);
  useEffect(
    () =>
      id == null
        ? undefined
        : poll(
            () => get(`chains/${id}`),
            (chain) => setState({ chain, problem: null }),
            (problem) => setState({ chain: null, problem }),
            over ? LIST_REFRESH_MILLIS : REFRESH_MILLIS,
          ),
    [id, over],
  );
  return { ...state, changed: (chain) => setState({ chain, problem: null }) };
}

function Details({ id }) {
  const { chain, problem, changed } = useChain(id);
  const title = chain ? `${t(`status.${chain.status}`)} · ${chainName(chain)}` : `#${id}`;
  useEffect(() => {
    document.title = `${title} · ${t('chains')} · Rowmill`;
  }, [title]);
  if (problem) return div(null, h1(null, t('chainNumber', { id })), h(ProblemBox, { problem }));
  if (!chain) return div(null, h1(null, t('chainNumber', { id })), h(Loading));
  const fact = (label, shown) => shown != null && div(null, dt(null, t(label)), dd(null, shown));
  const steps = chain.steps.map((step) => ({ ...step, key: step.name }));
  return div(
    { class: 'schedules chain-page' },
    div(
      { class: 'batch-head' },
      h1(null, chainName(chain), chain.name && span({ class: 'id' }, ` #${chain.id}`)),
      h(Status, { status: chain.status, testid: 'chain-status' }),
      span({ class: 'quiet-text', 'data-testid': 'chain-counts' }, counts(chain)),
      chain.undoOf != null &&
        p({ class: 'reason' }, a({ href: chainLink(chain.undoOf), 'data-testid': 'undoes' }, t('undoOfChain', { id: chain.undoOf }))),
    ),
    h(Buttons, { chain, changed }),
    h(Failures, { chain }),
    section(
      { 'aria-labelledby': 'graph-title' },
      h2({ id: 'graph-title' }, t('graph')),
      h(StepGraph, { steps, label: t('graph'), node: (step) => h(Node, { step, chain }) }),
    ),
    section(
      { 'aria-labelledby': 'steps-title' },
      h2({ id: 'steps-title' }, t('steps')),
      h(
        ScrollBox,
        { label: t('steps'), testid: 'chain-steps' },
        table(
          { class: 'batches chain-steps' },
          thead(
            null,
            tr(
              null,
              head('step'),
              head('status'),
              head('batch', 'n'),
              head('project'),
              head('needs'),
              head('rowsChanged', 'n'),
              head('details'),
            ),
          ),
          tbody(
            null,
            chain.steps.map((step) => h(StepRow, { step, chain, key: step.name })),
          ),
        ),
      ),
    ),
    dl(
      { class: 'facts' },
      fact('submittedBy', chain.submittedBy),
      fact('createdAt', h(DateTime, { at: chain.createdAt })),
    ),
  );
}

export const ChainsPage = ({ id, query: { before } }) => (id ? h(Details, { id }) : h(List, { before }));
