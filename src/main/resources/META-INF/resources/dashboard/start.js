// The start page: the statement with its parameters, a plan as preview, and the start from that plan.

import { h, tags, useEffect, useMemo, useState } from './dom.js';
import { t } from './texts.js';
import * as format from './format.js';
import { get, poll, post, query } from './api.js';
import { writeExact } from './exact.js';
import { batchLink, go } from './router.js';
import { ProgressBar, Field, Loading, ProblemBox, options, useRequest } from './parts.js';
import { highlighted, ignores, lacksWhere, parameters } from './sql.js';
import { EMPTY_DRAFT, TYPES, errorOf, saveDraft, loadDraft, draftOf, planRequest, withText, fieldIn } from './draft.js';
import { StatementInfo, StatementSelect, ParameterFields, isComplete, useStatements } from './saved.js';
import { StartOptions } from './options.js';
import { Plan } from './plan.js';
import { may } from './session.js';

const {
  div,
  form,
  h1,
  h2,
  p,
  a,
  button,
  input,
  select,
  textarea,
  pre,
  code,
  datalist,
  fieldset,
  legend,
  label,
  span,
  section,
} = tags;

const OUTDATED_PLAN = new Set(['plan-drift', 'plan-expired', 'unknown-plan']);

/** Suggests the projects that begin with the typed text. */
function ProjectSuggestions({ typed: text, id }) {
  const [names, setNames] = useState([]);
  const prefix = /^[\w.-]{1,64}$/.test(text) ? text : '';
  useEffect(() => {
    let end = () => {};
    const timer = setTimeout(
      () => {
        end = poll(
          () => get(`projects${query({ prefix, limit: 50 })}`),
          ({ items }) => setNames(items.map(({ project }) => project)),
        );
      },
      prefix ? 200 : 0,
    );
    return () => {
      clearTimeout(timer);
      end();
    };
  }, [prefix]);
  return datalist(
    { id },
    options(names, () => undefined),
  );
}

/** Textarea with the highlighted text behind it. */
const SqlEditor = ({ value, onInput, ...props }) =>
  div(
    { class: 'sql-edit' },
    pre({ class: 'sql', 'aria-hidden': 'true' }, code(null, highlighted(value), '\n ')),
    textarea({
      ...props,
      class: 'sql',
      value,
      onInput,
      spellcheck: false,
      autocomplete: 'off',
      autocapitalize: 'off',
      rows: 4,
    }),
  );

function Parameter({ name, value, onChange }) {
  const { type, text } = value;
  const wrong = text !== '' && errorOf(value);
  const shared = { 'data-testid': 'start-param', 'data-name': name };
  return div(
    { class: 'parameter' },
    h(Field, { label: code(null, `:${name}`), hint: wrong ? t(wrong) : null }, (props) =>
      type === 'null'
        ? input({ ...props, ...shared, value: 'NULL', disabled: true })
        : type === 'bool'
          ? select(
              {
                ...props,
                ...shared,
                value: text,
                onChange: (event) => onChange({ ...value, text: event.target.value }),
              },
              options(['true', 'false'], (one) => one),
            )
          : input({
              ...props,
              ...shared,
              value: text,
              autocomplete: 'off',
              spellcheck: false,
              inputmode: type === 'number' ? 'decimal' : undefined,
              'aria-invalid': wrong ? 'true' : undefined,
              onInput: (event) => onChange(withText(value, event.target.value)),
            }),
    ),
    select(
      {
        'aria-label': t('typeOf', { name }),
        'data-testid': 'start-param-type',
        'data-name': name,
        value: type,
        onChange: ({ target }) =>
          onChange({ type: target.value, text: target.value === 'bool' ? 'true' : text, chosen: true }),
      },
      options(TYPES, (one) => t(`type.${one}`)),
    ),
  );
}

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

/** Returns the text once it has not changed for half a second, to avoid flicker while typing. */
function useDebounced(text) {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), 500);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

const Checkbox = ({ id, checked, onChange, children }) =>
  label(
    { class: 'choice' },
    input({ type: 'checkbox', 'data-testid': id, checked, onChange: (event) => onChange(event.target.checked) }),
    span(null, children),
  );

/** Asks to confirm a missing WHERE and IGNORE, where the statement has them. */
function Confirmations({ draft, set, confirmWholeTable }) {
  const settled = useDebounced(draft.sql);
  return [
    (draft.wholeTable || confirmWholeTable || lacksWhere(settled)) &&
      h(
        Checkbox,
        {
          key: 'whole',
          id: 'start-whole-table',
          checked: draft.wholeTable,
          onChange: (wholeTable) => set({ wholeTable }),
        },
        t('confirmWholeTable'),
      ),
    (draft.ignore || ignores(settled)) &&
      h(
        Checkbox,
        {
          key: 'ignore',
          id: 'start-ignore',
          checked: draft.ignore,
          onChange: (ignore) => set({ ignore }),
        },
        t('confirmIgnore'),
      ),
  ];
}

/** Shows the fields for SQL written by the user, and its parameters. */
function SqlFields({ draft, set, names, problem }) {
  return [
    h(Field, { key: 'sql', label: t('statement'), hint: t('statementHint') }, (field) =>
      h(SqlEditor, {
        ...field,
        'data-testid': 'start-sql',
        value: draft.sql,
        onInput: (event) => set({ sql: event.target.value }),
      }),
    ),
    h(Confirmations, { key: 'meant', draft, set, confirmWholeTable: problem?.type === 'whole-table' }),
    names.length > 0 &&
      fieldset(
        { key: 'values' },
        legend(null, t('parameters')),
        div(
          { class: 'parameters' },
          names.map((name) =>
            h(Parameter, {
              key: name,
              name,
              value: fieldIn(draft, name),
              onChange: (value) => set(({ values }) => ({ values: { ...values, [name]: value } })),
            }),
          ),
        ),
      ),
  ];
}

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
  useEffect(() => saveDraft(draft), [draft]);
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
  const statement = statements?.find(({ name }) => name === draft.statement);
  const names = useMemo(() => parameters(draft.sql), [draft.sql]);
  // A plan applies to the form that it was made from. Any change discards it.
  const planKey = `${draft.project} ${writeExact(planRequest(draft, statement))}`;
  const plan = planned?.of === planKey ? planned.plan : null;
  const missing = [
    draft.project.trim() === '' && 'missingProject',
    draft.statement === '' && (maySendSql ? draft.sql.trim() === '' && 'missingSql' : 'missingStatement'),
    (draft.statement
      ? statement && !isComplete(statement, draft.given)
      : names.some((name) => errorOf(fieldIn(draft, name)))) && 'missingParameter',
  ].filter(Boolean);
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
        h(Field, { label: t('project') }, (field) =>
          input({
            ...field,
            type: 'text',
            list: 'known-projects',
            'data-testid': 'start-project',
            value: draft.project,
            autocomplete: 'off',
            maxlength: 64,
            required: true,
            onInput: (event) => set({ project: event.target.value }),
          }),
        ),
        h(Field, { label: t('reason'), wide: true }, (field) =>
          input({
            ...field,
            type: 'text',
            'data-testid': 'start-reason',
            value: draft.reason,
            autocomplete: 'off',
            maxlength: 1000,
            onInput: (event) => set({ reason: event.target.value }),
          }),
        ),
      ),
      h(ProjectSuggestions, { typed: draft.project, id: 'known-projects' }),
      (statements?.length > 0 || draft.statement !== '') &&
        div(
          { class: 'form-grid' },
          h(StatementSelect, {
            statements: statements ?? [],
            chosen: draft.statement,
            allowSql: maySendSql,
            onChange: (name) => set({ statement: name, given: {} }),
          }),
        ),
      draft.statement === ''
        ? maySendSql && h(SqlFields, { draft, set, names, problem })
        : statement && h(StatementInfo, { statement }),
      statement &&
        Object.keys(statement.parameters).length > 0 &&
        fieldset(
          null,
          legend(null, t('parameters')),
          h(ParameterFields, {
            key: statement.name,
            statement,
            given: draft.given,
            onChange: (given) => set({ given }),
          }),
        ),
      h(StartOptions, { draft, set, bounds: statement }),
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
            t('startNow'),
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
