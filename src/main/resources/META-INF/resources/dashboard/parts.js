// Small components that several pages use.

import { h, tags, classNames, barLength, useEffect, useRef, useState, useCallback } from './dom.js';
import { t } from './texts.js';
import * as format from './format.js';
import { Problem } from './api.js';

const { div, span, p, ul, li, strong, button, svg, path, time, dialog, h2, label } = tags;

export const FINAL_STATUSES = new Set(['succeeded', 'failed', 'cancelled']);
export const ACTIVE_STATUSES = new Set(['running', 'paused', 'queued']);
export const STATUSES = ['running', 'paused', 'queued', 'waiting', 'scheduled', 'succeeded', 'failed', 'cancelled'];

/** Returns true if a batch waits for an approval rather than for its turn. */
export const awaitsApproval = ({ status, approval }) =>
  (status === 'waiting' || status === 'scheduled') && approval != null && approval.needed !== false && approval.approvedAt == null;

const ICONS = {
  running: 'M3 1.5 10.5 6 3 10.5z',
  paused: 'M2.5 1.5h2.5v9h-2.5zM7 1.5h2.5v9h-2.5z',
  queued: 'M1 5h2.5v2.5H1zM4.75 5h2.5v2.5h-2.5zM8.5 5H11v2.5H8.5z',
  waiting: 'M2 1h8v2L7 6l3 3v2H2V9l3-3-3-3z',
  scheduled: 'M6 .8a5.2 5.2 0 1 0 0 10.4A5.2 5.2 0 0 0 6 .8zM5.2 3h1.5v2.7l2 1.2-.8 1.3-2.7-1.7z',
  succeeded: 'M4.5 10.5.5 6.4l1.6-1.6 2.4 2.5L10 1.5l1.6 1.5z',
  failed: 'M2.3.8 6 4.5 9.7.8l1.5 1.5L7.5 6l3.7 3.7-1.5 1.5L6 7.5l-3.7 3.7-1.5-1.5L4.5 6 .8 2.3z',
  cancelled: 'M1.5 1.5h9v9h-9z',
  idle: 'M1 5h10v2H1z',
  warn: 'M6 .5 12 11.5H0zM5.3 4.5v3.5h1.4V4.5zM5.3 8.8v1.4h1.4V8.8z',
};

export const icon = (name) =>
  svg(
    { class: 'icon', viewBox: '0 0 12 12', 'aria-hidden': 'true', focusable: 'false' },
    path({ d: ICONS[name], 'fill-rule': 'evenodd' }),
  );

/** Returns the pending request of a running batch: `pausing` or `cancelling`; else null. */
export const pendingOf = ({ status, pending }) => (status === 'running' && pending) || null;

/** Shows a status, or the pending request that will change it. */
export const Status = ({ status, pending, testid }) =>
  span(
    {
      class: `status is-${status}`,
      'data-testid': testid,
      'data-status': status,
      'data-pending': pending || undefined,
    },
    icon(status),
    t(`status.${pending || status}`),
  );

/** Shows that a batch has skipped rows, beside its status. */
export const Skipped = ({ batch, testid }) =>
  batch.progress?.rowsSkipped > 0 &&
  span(
    { class: 'skipped', 'data-testid': testid },
    icon('warn'),
    t('withSkipped', { n: format.number(batch.progress.rowsSkipped) }),
  );

/** Shows the progress of a batch as a bar; without a length if the total is unknown. */
export function ProgressBar({ batch, label: named, large }) {
  const { percent } = batch.progress;
  const known = percent != null;
  const still = !known && batch.progress.rowsScanned === 0;
  return div(
    {
      class: classNames('bar', `is-${batch.status}`, large && 'large', !known && !still && 'unknown'),
      role: 'progressbar',
      'data-testid': 'bar',
      'aria-label': named ?? t('progressOf', { project: batch.project }),
      'aria-valuemin': 0,
      'aria-valuemax': 100,
      'aria-valuenow': known ? percent : undefined,
      'aria-valuetext': known ? format.percent(percent) : format.rowsDone(batch.progress),
    },
    div({ class: 'fill', ref: barLength(known ? percent : still ? 0 : 100) }),
  );
}

export const windowText = ({ from, to, zone, days }) =>
  [`${from}–${to}`, zone, days?.length > 0 && days.length < 7 && days.map((day) => t(`day.${day}`)).join(', ')]
    .filter(Boolean)
    .join(' · ');

export const DateTime = ({ at }) => (at ? time({ dateTime: at, title: at }, format.dateTime(at)) : '–');

export const Loading = () => p({ class: 'loading' }, t('loading'));

/** Shows a problem; `brief` omits its detail. */
export function ProblemBox({ problem, brief, children }) {
  const { title, detail, violations, reasons, allowed, differences } = problem.document;
  const list = (items) =>
    items?.length
      ? ul(
          null,
          items.map((item) => li(null, item)),
        )
      : null;
  return div(
    { class: 'problem', role: 'alert', 'data-testid': 'problem', 'data-type': problem.type },
    strong(null, icon('warn'), title),
    detail && !brief && p(null, detail),
    list(reasons),
    list(violations?.map(({ field, message }) => `${field}: ${message}`)),
    list(
      differences?.map((one) =>
        t('difference', {
          what: one.what,
          before: format.value(one.before),
          after: format.value(one.after),
        }),
      ),
    ),
    allowed?.length > 0 && p(null, t('allowed', { statuses: allowed.map((to) => t(`status.${to}`)).join(', ') })),
    children,
  );
}

/**
 * Sends requests for the buttons of a component.
 *
 * @return the name of the current request, the problem of the last one, and functions to send and to clear the problem
 */
export function useRequest() {
  const [state, setState] = useState({ busy: null, problem: null });
  const send = useCallback(async (name, request) => {
    setState({ busy: name, problem: null });
    try {
      const response = await request();
      setState({ busy: null, problem: null });
      return response;
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      setState({ busy: null, problem: Object.assign(problem, { about: name }) });
      return null;
    }
  }, []);
  const clearProblem = useCallback(() => setState({ busy: null, problem: null }), []);
  return { ...state, send, clearProblem };
}

/** Shows a modal dialog as long as the component is mounted. */
export function Dialog({ title, onClose, children, buttons }) {
  const element = useRef(null);
  useEffect(() => {
    const shown = element.current;
    shown.showModal();
    // Closing returns the focus to the previous element.
    return () => shown.close();
  }, []);
  return dialog(
    {
      ref: element,
      'aria-labelledby': 'dialog-title',
      onClose,
      onCancel: (event) => {
        event.preventDefault();
        onClose();
      },
    },
    h2({ id: 'dialog-title' }, title),
    children,
    div({ class: 'buttons' }, buttons, button({ type: 'button', onClick: onClose }, t('back'))),
  );
}

/** Scrolls its content sideways if it is wider than the page. */
export const ScrollBox = ({ label: named, testid, plain, children }) =>
  div(
    {
      class: classNames('wide-table', plain && 'plain'),
      role: 'region',
      tabindex: 0,
      'aria-label': named,
      'data-testid': testid,
    },
    children,
  );

let nextField = 0;

/** Shows a control with its label, the error in its value, and its hint. */
export function Field({ label: named, hint, error, wide, children }) {
  const id = useRef(null);
  id.current ??= `field-${nextField++}`;
  const hintId = hint ? `${id.current}-hint` : undefined;
  const errorId = error ? `${id.current}-error` : undefined;
  return div(
    { class: classNames('field', wide && 'wide') },
    label({ for: id.current }, named),
    children({
      id: id.current,
      'aria-describedby': [errorId, hintId].filter(Boolean).join(' ') || undefined,
      'aria-invalid': error ? 'true' : undefined,
    }),
    error && span({ class: 'fault', id: errorId, 'data-testid': 'field-error' }, error),
    hint && span({ class: 'hint', id: hintId }, hint),
  );
}

/** Returns a function that returns the message about a member, or null, from the violations of a problem. */
export const errorsIn = (violations) => (path) =>
  (violations ?? [])
    .filter(({ field }) => field === path || field.startsWith(`${path}.`))
    .map(({ message }) => message)
    .join(' ') || null;

export const options = (values, text) => values.map((one) => h('option', { value: one, key: one }, text(one)));
