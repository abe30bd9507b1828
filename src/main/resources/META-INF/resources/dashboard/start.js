// The start page: the statement with its parameters, a plan as preview, and the start from that plan.

import { h, tags, useEffect, useLayoutEffect, useState } from './dom.js';
import { t } from './texts.js';
import * as format from './format.js';
import { get, poll, post } from './api.js';
import { writeExact } from './exact.js';
import { batchLink, go, link } from './router.js';
import { ProgressBar, Loading, ProblemBox, errorsIn, useRequest } from './parts.js';
import { EMPTY_DRAFT, saveDraft, loadDraft, draftOf, moment, planRequest } from './draft.js';
import { useStatements } from './saved.js';
import { ProjectField, ReasonField, WorkFields, missingIn, workOf } from './work.js';
import { StartOptions } from './options.js';
import { Plan } from './plan.js';
import { may } from './session.js';

const { div, form, h1, h2, p, a, button, span, section } = tags;

const OUTDATED_PLAN = new Set(['plan-drift', 'plan-expired', 'unknown-plan']);

/** Shows the active batch of the project if the start was rejected because of it. */
const BusyBatch = ({ problem, project }) => {
  const { batch, progress } = problem.document;
  return div(
    { class: 'holder-of' },
    p(
      null,
      t('busyBatch'),
      ' ',
      a({ href: batchLink(batch) }, `#${batch}`),
      progress && ` · ${format.rowsDone(progress)} ${format.timeLeft(progress)}`,
    ),
    progress && h(ProgressBar, { batch: { project, progress, status: 'running' } }),
  );
};

/** Shows the form, for roles that may start batches. */
function StartForm({ query: params }) {
  const [draft, setDraft] = useState(() =>
    params.from ? EMPTY_DRAFT : { ...loadDraft(), ...(params.project && { project: params.project }) },
  );
  const [planned, setPlanned] = useState(null);
  const [submitted, setSubmitted] = useState(false);
  const statements = useStatements();
  const { busy, problem, send, clearProblem } = useRequest();
  const set = (change) => {
    setDraft((now) => ({ ...now, ...(typeof change === 'function' ? change(now) : change) }));
    clearProblem();
  };
  // A pending useEffect is dropped when the page is left.
  useLayoutEffect(() => saveDraft(draft), [draft]);
  useEffect(
    () =>
      params.from
        ? poll(
            () => get(`batches/${params.from}`, { exact: ['parameters'] }),
            (batch) => setDraft(draftOf(batch)),
          )
        : undefined,
    [params.from],
  );

  const maySendSql = may('author');
  // The form has a checkbox for what the problem's detail suggests.
  const lacksWhereClause = problem?.type === 'whole-table';
  const statement = workOf(draft, statements);
  const errors = errorsIn(problem?.document.violations);
  // A plan applies to the form that it was made from. Any change discards it.
  const planKey = `${draft.project} ${writeExact(planRequest(draft, statement))}`;
  const plan = planned?.of === planKey ? planned.plan : null;
  const missing = missingIn(draft, statement);
  const path = `projects/${encodeURIComponent(draft.project.trim())}`;

  const preview = async (event) => {
    event?.preventDefault();
    setSubmitted(true);
    if (busy || missing.length) return;
    setPlanned(null);
    const response = await send('plan', () =>
      post(`${path}/plans`, planRequest(draft, statement), { exact: ['sample', 'explain', 'statement'] }),
    );
    if (response) setPlanned({ plan: response, of: planKey });
  };
  const start = async (onBusy, queueAfter) => {
    const response = busy
      ? null
      : await send('start', () =>
          post(
            `${path}/batches`,
            { plan: plan.id, onBusy, queueAfter },
            { headers: { 'Idempotency-Key': [plan.id, onBusy, queueAfter].filter(Boolean).join('-') } },
          ),
        );
    if (response) go(batchLink(response.id));
  };

  if (!maySendSql && !statements) return h(Loading);
  if (!maySendSql && !statements.length)
    return p({ class: 'empty', 'data-testid': 'nothing-to-start' }, t('noStatements'));
  return div(
    null,
    form(
      { onSubmit: preview, noValidate: true },
      div(
        { class: 'form-grid' },
        h(ProjectField, { draft, set, error: errors('project') }),
        h(ReasonField, { draft, set, error: errors('reason') }),
      ),
      h(WorkFields, { draft, set, statements, problem, errors, files: true }),
      h(StartOptions, { draft, set, bounds: statement?.isTask ? undefined : statement, errors }),
      submitted && missing.length > 0 && p({ class: 'fault', role: 'alert' }, missing.map((one) => t(one)).join(' ')),
      div(
        { class: 'buttons' },
        button(
          {
            type: 'submit',
            class: plan ? '' : 'primary',
            'data-testid': 'start-preview',
            'aria-disabled': busy === 'plan',
          },
          t('preview'),
        ),
        maySendSql &&
          button(
            { type: 'button', 'data-testid': 'start-repeat', onClick: () => go(link('schedule-form', { draft: 1 })) },
            t('repeatOnSchedule'),
          ),
        span({ role: 'status', class: 'quiet-text' }, busy === 'plan' && t('planning')),
      ),
    ),
    problem?.about === 'plan' &&
      h(ProblemBox, { problem, brief: lacksWhereClause }, lacksWhereClause && p(null, t('wholeTableHint'))),
    plan &&
      section(
        { class: 'plan', 'data-testid': 'plan', 'aria-labelledby': 'plan-title' },
        h2({ id: 'plan-title' }, t('plan')),
        h(Plan, { plan }),
        problem?.about === 'start' &&
          h(
            ProblemBox,
            { problem },
            problem.type === 'project-busy'
              ? div(
                  null,
                  h(BusyBatch, { problem, project: plan.project }),
                  div(
                    { class: 'buttons' },
                    button(
                      { type: 'button', class: 'primary', 'data-testid': 'start-queue', onClick: () => start('queue') },
                      t('queueInstead'),
                    ),
                    button(
                      {
                        type: 'button',
                        'data-testid': 'start-queue-succeeded',
                        onClick: () => start('queue', 'succeeded'),
                      },
                      t('queueAfterSuccess'),
                    ),
                  ),
                )
              : OUTDATED_PLAN.has(problem.type) &&
                  div({ class: 'buttons' }, button({ type: 'button', onClick: preview }, t('previewAgain'))),
          ),
        div(
          { class: 'buttons start-now' },
          button(
            {
              type: 'button',
              class: 'primary',
              'data-testid': 'start-submit',
              'aria-disabled': busy === 'start',
              onClick: () => start(),
            },
            draft.startAt ? t('startLater', { time: format.dateTime(moment(draft.startAt)) }) : t('startNow'),
          ),
          span({ class: 'quiet-text' }, t('planUntil', { time: format.dateTime(plan.expiresAt) })),
        ),
      ),
  );
}

export function StartPage({ query: params }) {
  useEffect(() => {
    document.title = `${t('start')} · Rowmill`;
  }, []);
  return div(
    { class: 'start' },
    h1(null, t('startTitle')),
    may('operator')
      ? h(StartForm, { query: params })
      : p({ class: 'empty', 'data-testid': 'nothing-to-start' }, t('mayNotStart')),
  );
}
