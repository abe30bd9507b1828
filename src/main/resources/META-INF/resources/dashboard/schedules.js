// The schedules: their list, and the page of one with its next firings and its runs.

import { h, tags, useCallback, useEffect, useState } from './dom.js';
import { t } from './texts.js';
import * as format from './format.js';
import { get, poll, post, query, remove } from './api.js';
import { batchLink, go, link } from './router.js';
import { may } from './session.js';
import { highlighted } from './sql.js';
import { writeExact } from './exact.js';
import { Labels } from './labels.js';
import { DateTime, Dialog, Loading, ProblemBox, ScrollBox, icon, useRequest } from './parts.js';
import { mayApprove } from './controls.js';
import { RetentionWarnings } from './retention.js';
import { FiringTimes, timesOf, timesText } from './times.js';

const { div, section, h1, h2, p, a, button, table, thead, tbody, tr, th, td, pre, code, dl, dt, dd, nav, span } =
  tags;

const PAGE_SIZE = 50;
const REFRESH_MILLIS = 5000;
const OUTCOME_STATUSES = { started: 'succeeded', failed: 'failed', missed: 'cancelled', 'skipped-busy': 'waiting' };

const scheduleLink = (name) => link(`schedules/${name}`);
const path = (name) => `schedules/${encodeURIComponent(name)}`;
const hasLabels = ({ labels }) => Object.keys(labels).length > 0;
const head = (name, kind) => th({ scope: 'col', class: kind }, t(name));

const State = ({ enabled }) =>
  span(
    { class: `status is-${enabled ? 'scheduled' : 'paused'}`, 'data-testid': 'schedule-state', 'data-enabled': enabled },
    icon(enabled ? 'scheduled' : 'paused'),
    t(enabled ? 'scheduleOn' : 'status.paused'),
  );

/** Shows the buttons that the user's role allows. */
function Buttons({ schedule, changed }) {
  const { busy, problem, send } = useRequest();
  if (!may('operator')) return null;
  const { name, enabled } = schedule;
  const act = (action) => async () => {
    const response = await send(action, () => post(`${path(name)}/${action}`));
    if (!response) return;
    if (action === 'run') go(batchLink(response.id));
    else changed(response);
  };
  const action = (which, text) =>
    button(
      {
        type: 'button',
        'data-testid': `schedule-${which}`,
        'aria-disabled': Boolean(busy),
        onClick: busy ? null : act(which),
      },
      t(text),
    );
  return div(
    null,
    div({ class: 'buttons' }, enabled ? action('pause', 'pause') : action('resume', 'resume'), action('run', 'runNow')),
    problem && h(ProblemBox, { problem }),
  );
}

/** Shows the approval of a schedule, and a button to approve it, if the service asks for approvals. */
function Approval({ schedule, changed }) {
  const { busy, problem, send } = useRequest();
  const { asked, state, approvedBy, expiresAt } = schedule.approval;
  if (!asked) return null;
  const approve = async () => {
    const response = await send('approve', () =>
      post(`${path(schedule.name)}/approve`, { content: schedule.content }),
    );
    if (response) changed(response);
  };
  return section(
    { 'aria-labelledby': 'schedule-approval-title' },
    h2({ id: 'schedule-approval-title' }, t('scheduleApproval')),
    p(
      { 'data-testid': 'schedule-approval', 'data-state': state },
      t(`approvalState.${state}`, { by: approvedBy ?? t('someone'), until: expiresAt && format.dateTime(expiresAt) }),
    ),
    mayApprove(schedule) &&
      div(
        { class: 'buttons' },
        button(
          {
            type: 'button',
            class: state === 'valid' ? null : 'primary',
            'data-testid': 'schedule-approve',
            'aria-disabled': Boolean(busy),
            onClick: busy ? null : approve,
          },
          t('approve'),
        ),
      ),
    problem && h(ProblemBox, { problem }),
  );
}

function DeleteDialog({ name, onClose }) {
  const { busy, problem, send } = useRequest();
  const confirm = async () => {
    const done = await send('delete', async () => {
      await remove(path(name));
      return true;
    });
    if (done) go(link('schedules'));
  };
  return h(
    Dialog,
    {
      title: t('deleteTitle', { name }),
      onClose,
      buttons: button(
        {
          type: 'button',
          class: 'danger',
          'data-testid': 'confirm-delete',
          'aria-disabled': Boolean(busy),
          onClick: busy ? null : confirm,
        },
        t('deleteConfirm'),
      ),
    },
    p(null, t('deleteDetail')),
    problem && h(ProblemBox, { problem }),
  );
}

/** Shows the buttons of authors, who may change the schedule itself. The start of a retention is generated. */
function AuthorButtons({ name, retention }) {
  const [deleting, setDeleting] = useState(false);
  if (!may('author')) return null;
  return div(
    { class: 'buttons' },
    !retention &&
      a({ class: 'button', href: link('schedule-form', { edit: name }), 'data-testid': 'schedule-edit' }, t('edit')),
    !retention &&
      a({ class: 'button', href: link('schedule-form', { copy: name }), 'data-testid': 'schedule-copy' }, t('duplicate')),
    button(
      { type: 'button', class: 'danger', 'data-testid': 'schedule-delete', onClick: () => setDeleting(true) },
      t('delete'),
    ),
    deleting && h(DeleteDialog, { name, onClose: () => setDeleting(false) }),
  );
}

const Row = ({ schedule, changed }) =>
  tr(
    { 'data-testid': 'schedule-row', 'data-name': schedule.name },
    td(
      { class: 'name' },
      a({ href: scheduleLink(schedule.name) }, schedule.name),
      hasLabels(schedule) && [' ', h(Labels, { labels: schedule.labels, page: 'schedules' })],
    ),
    td({ class: 'name' }, schedule.project),
    td(null, h(State, { enabled: schedule.enabled })),
    td({ class: 'whole', title: schedule.cron ?? schedule.every }, timesText(schedule)),
    td({ class: 'when' }, h(DateTime, { at: schedule.next })),
    td({ class: 'whole' }, h(Buttons, { schedule, changed })),
  );

function List({ after, label }) {
  const [state, setState] = useState({ page: null, problem: null });
  useEffect(() => {
    document.title = `${t('schedules')} · Rowmill`;
    return poll(
      () => get(`schedules${query({ after, label, limit: PAGE_SIZE })}`),
      (page) => setState({ page, problem: null }),
      (problem) => setState({ page: null, problem }),
      REFRESH_MILLIS,
    );
  }, [after, label]);
  const changed = useCallback(
    (schedule) =>
      setState(({ page, problem }) => ({
        problem,
        page: { ...page, items: page.items.map((one) => (one.name === schedule.name ? schedule : one)) },
      })),
    [],
  );
  const { page, problem } = state;
  const next = page?.next && new URLSearchParams(page.next.split('?')[1]).get('after');
  return div(
    { class: 'schedules' },
    div(
      { class: 'section-head' },
      h1(null, t('schedules')),
      may('author') &&
        div(
          { class: 'buttons' },
          a({ class: 'button', href: link('retention-form'), 'data-testid': 'retention-new' }, t('newRetention')),
          a({ class: 'button primary', href: link('schedule-form'), 'data-testid': 'schedule-new' }, t('newSchedule')),
        ),
    ),
    label &&
      p({ 'data-testid': 'schedule-filter' }, t('labels'), ': ', label, ' · ', a({ href: link('schedules') }, t('allSchedules'))),
    problem && h(ProblemBox, { problem }),
    !page && !problem && h(Loading),
    page && page.items.length === 0 && p({ class: 'empty' }, t('noSchedules')),
    page &&
      page.items.length > 0 &&
      h(
        ScrollBox,
        { label: t('schedules') },
        table(
          { class: 'batches' },
          thead(
            null,
            tr(
              null,
              head('scheduleName'),
              head('project'),
              head('status'),
              head('firesAt'),
              head('nextFiring'),
              head('actions'),
            ),
          ),
          tbody(
            null,
            page.items.map((schedule) => h(Row, { schedule, changed, key: schedule.name })),
          ),
        ),
      ),
    nav(
      { class: 'buttons pages', 'aria-label': t('pages') },
      after && a({ class: 'button', href: link('schedules', { label }) }, t('firstPage')),
      next && a({ class: 'button', href: link('schedules', { after: next, label }) }, t('nextPage')),
    ),
  );
}

/** Returns the planned rows of a run as a text; empty when they were not counted. */
function planned({ plannedRows, exact, unusual }) {
  if (plannedRows === null) return '';
  const rows = exact ? format.number(plannedRows) : t('aboutRows', { n: format.number(plannedRows) });
  return unusual ? `${rows} (${t('unusualRun', { n: format.number(unusual.median) })})` : rows;
}

const Run = ({ run }) =>
  tr(
    { 'data-testid': 'schedule-run-row', 'data-outcome': run.outcome },
    td({ class: 'when' }, h(DateTime, { at: run.fireAt })),
    td(
      null,
      span({ class: `status is-${OUTCOME_STATUSES[run.outcome]}` }, icon(OUTCOME_STATUSES[run.outcome])),
      ' ',
      t(`outcome.${run.outcome}`),
      run.manual ? ` (${t('requestedRun')})` : '',
    ),
    td({ class: 'n' }, run.batch !== null && a({ href: batchLink(run.batch) }, `#${run.batch}`)),
    td({ class: 'n', 'data-testid': 'schedule-run-rows' }, planned(run)),
    td({ class: 'description' }, run.problem?.title ?? (run.missed > 0 ? t('missedBefore', { n: run.missed }) : '')),
  );

/** Shows what a schedule starts: its statement or task, and the other members as they were sent. */
function Start({ start }) {
  const { sql, ...others } = start;
  const members = Object.entries(others);
  return section(
    { 'aria-labelledby': 'schedule-start-title' },
    h2({ id: 'schedule-start-title' }, t('scheduleStarts')),
    sql && pre({ class: 'sql', 'data-testid': 'statement', tabindex: 0 }, code(null, highlighted(sql))),
    members.length > 0 &&
      dl(
        { class: 'facts' },
        members.map(([name, value]) =>
          div({ key: name }, dt(null, name), dd(null, code(null, typeof value === 'string' ? value : writeExact(value)))),
        ),
      ),
  );
}

function Details({ name }) {
  const [state, setState] = useState({ schedule: null, next: [], runs: [], problem: null });
  useEffect(() => {
    document.title = `${name} · ${t('schedules')} · Rowmill`;
    return poll(
      async () => {
        const [schedule, next, runs] = await Promise.all([
          get(path(name)),
          get(`${path(name)}/next`),
          get(`${path(name)}/runs${query({ limit: PAGE_SIZE })}`),
        ]);
        return { schedule, next: next.items, runs: runs.items, problem: null };
      },
      setState,
      (problem) => setState((before) => ({ ...before, problem })),
      REFRESH_MILLIS,
    );
  }, [name]);
  const { schedule, next, runs, problem } = state;
  if (problem) return div(null, h1(null, name), h(ProblemBox, { problem }));
  if (!schedule) return div(null, h1(null, name), h(Loading));
  const fact = (label, shown) => shown != null && div(null, dt(null, t(label)), dd(null, shown));
  return div(
    { class: 'schedules' },
    div({ class: 'batch-head' }, h1(null, name), h(State, { enabled: schedule.enabled })),
    div(
      { class: 'buttons schedule-buttons' },
      h(Buttons, { schedule, changed: (changed) => setState((before) => ({ ...before, schedule: changed })) }),
      h(AuthorButtons, { name, retention: schedule.retention }),
    ),
    dl(
      { class: 'facts' },
      fact('project', a({ href: link('history', { project: schedule.project }) }, schedule.project)),
      schedule.retention && fact('retention', t('retentionRule', schedule.retention)),
      fact('firesAt', timesText(schedule)),
      schedule.cron && timesOf(schedule).kind !== 'cron' && fact('cron', code(null, schedule.cron)),
      fact('whenBusy', t(`whenBusy.${schedule.onBusy}`)),
      fact('whenMissed', t(`whenMissed.${schedule.onMissed}`)),
      schedule.until && fact('firesUntil', h(DateTime, { at: schedule.until })),
      fact('submittedBy', schedule.updatedBy),
      hasLabels(schedule) && fact('labels', h(Labels, { labels: schedule.labels, page: 'schedules' })),
    ),
    schedule.retention && h(RetentionWarnings, { name }),
    h(Approval, { schedule, changed: (changed) => setState((before) => ({ ...before, schedule: changed })) }),
    h(Start, { start: schedule.start }),
    section(
      { 'aria-labelledby': 'schedule-next-title' },
      h2({ id: 'schedule-next-title' }, t('nextFirings')),
      next.length === 0
        ? p({ class: 'quiet-text' }, t('noNextFiring'))
        : h(FiringTimes, { items: next, zone: schedule.zone }),
    ),
    section(
      { 'aria-labelledby': 'schedule-runs-title' },
      h2({ id: 'schedule-runs-title' }, t('firings')),
      runs.length === 0
        ? p({ class: 'quiet-text' }, t('noFirings'))
        : h(
            ScrollBox,
            { label: t('firings') },
            table(
              { class: 'batches' },
              thead(null, tr(null, head('firesAt'), head('outcome'), head('batch', 'n'), head('plannedRows', 'n'), head('details'))),
              tbody(
                null,
                runs.map((run) => h(Run, { run, key: `${run.fireAt} ${run.manual}` })),
              ),
            ),
          ),
    ),
  );
}

export const SchedulesPage = ({ id, query: { after, label } }) =>
  id ? h(Details, { name: id }) : h(List, { after, label });
