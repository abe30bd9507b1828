// A start: the statement and its parameters, a preview, and only from that the start itself.

import { h, tags, useEffect, useMemo, useState } from './dom.js';
import { t } from './texts.js';
import * as format from './format.js';
import { get, keepAsking, post, query } from './api.js';
import { writeExact } from './exact.js';
import { batchLink, go } from './router.js';
import { Bar, Field, Loading, ProblemBox, options, useAsk } from './parts.js';
import { highlighted, ignores, lacksWhere, parameters } from './sql.js';
import { EMPTY, TYPES, fault, keep, kept, ofBatch, request, typed, valueIn } from './draft.js';
import { About, Choice, Values, isFilled, useStatements } from './saved.js';
import { More } from './more.js';
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

const RENEWED = new Set(['plan-drift', 'plan-expired', 'unknown-plan']);

/** The projects that begin as what is typed. */
function Known({ typed: text, id }) {
  const [names, setNames] = useState([]);
  const prefix = /^[\w.-]{1,64}$/.test(text) ? text : '';
  useEffect(() => {
    let end = () => {};
    const timer = setTimeout(
      () => {
        end = keepAsking(
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

/** A textarea with the same text in colours behind it. */
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
  const wrong = text !== '' && fault(value);
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
              onInput: (event) => onChange(typed(value, event.target.value)),
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

/** Who holds the project, when that is why a start was refused. */
const Holder = ({ problem, project }) => {
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
    progress && h(Bar, { batch: { project, progress, status: 'running' } }),
  );
};

/** The text once it has not changed for a moment, so that nothing comes and goes while one types. */
function useSettled(text) {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), 500);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

const Tick = ({ id, checked, onChange, children }) =>
  label(
    { class: 'choice' },
    input({ type: 'checkbox', 'data-testid': id, checked, onChange: (event) => onChange(event.target.checked) }),
    span(null, children),
  );

/** What is unusual, and meant so: no WHERE, and IGNORE. Each is asked where it is so. */
function Meant({ draft, set, asked }) {
  const settled = useSettled(draft.sql);
  return [
    (draft.wholeTable || asked || lacksWhere(settled)) &&
      h(
        Tick,
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
        Tick,
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

/** A statement of one's own, with its parameters. */
function Own({ draft, set, names, problem }) {
  return [
    h(Field, { key: 'sql', label: t('statement'), hint: t('statementHint') }, (field) =>
      h(SqlEditor, {
        ...field,
        'data-testid': 'start-sql',
        value: draft.sql,
        onInput: (event) => set({ sql: event.target.value }),
      }),
    ),
    h(Meant, { key: 'meant', draft, set, asked: problem?.type === 'whole-table' }),
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
              value: valueIn(draft, name),
              onChange: (value) => set(({ values }) => ({ values: { ...values, [name]: value } })),
            }),
          ),
        ),
      ),
  ];
}

/** The form, for who may start anything at all. */
function StartForm({ query: asked }) {
  const [draft, setDraft] = useState(() =>
    asked.from ? EMPTY : { ...kept(), ...(asked.project && { project: asked.project }) },
  );
  const [planned, setPlanned] = useState(null);
  const [tried, setTried] = useState(false);
  const found = useStatements();
  const { busy, problem, ask, forget } = useAsk();
  const set = (change) => {
    setDraft((now) => ({ ...now, ...(typeof change === 'function' ? change(now) : change) }));
    forget();
  };
  useEffect(() => keep(draft), [draft]);
  useEffect(
    () =>
      asked.from
        ? keepAsking(
            () => get(`batches/${asked.from}`, { exact: ['parameters'] }),
            (batch) => setDraft(ofBatch(batch)),
          )
        : undefined,
    [asked.from],
  );

  const own = may('author');
  // What to do is a box of the form here.
  const whole = problem?.type === 'whole-table';
  const statement = found?.find(({ name }) => name === draft.statement);
  const names = useMemo(() => parameters(draft.sql), [draft.sql]);
  // A plan holds for what it was made of, and goes with any change of it.
  const held = `${draft.project} ${writeExact(request(draft, statement))}`;
  const plan = planned?.of === held ? planned.plan : null;
  const missing = [
    draft.project.trim() === '' && 'missingProject',
    draft.statement === '' && (own ? draft.sql.trim() === '' && 'missingSql' : 'missingStatement'),
    (draft.statement
      ? statement && !isFilled(statement, draft.given)
      : names.some((name) => fault(valueIn(draft, name)))) && 'missingParameter',
  ].filter(Boolean);
  const path = `projects/${encodeURIComponent(draft.project.trim())}`;

  const preview = async (event) => {
    event?.preventDefault();
    setTried(true);
    if (busy || missing.length) return;
    setPlanned(null);
    const answer = await ask('plan', () =>
      post(`${path}/plans`, request(draft, statement), { exact: ['sample', 'explain', 'statement'] }),
    );
    if (answer) setPlanned({ plan: answer, of: held });
  };
  const start = async (onBusy) => {
    const answer = busy
      ? null
      : await ask('start', () =>
          post(
            `${path}/batches`,
            { plan: plan.id, onBusy },
            { headers: { 'Idempotency-Key': `${plan.id}${onBusy ? `-${onBusy}` : ''}` } },
          ),
        );
    if (answer) go(batchLink(answer.id));
  };

  if (!own && !found) return h(Loading);
  if (!own && !found.length) return p({ class: 'empty', 'data-testid': 'nothing-to-start' }, t('noStatements'));
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
      h(Known, { typed: draft.project, id: 'known-projects' }),
      (found?.length > 0 || draft.statement !== '') &&
        div(
          { class: 'form-grid' },
          h(Choice, {
            found: found ?? [],
            chosen: draft.statement,
            own,
            onChange: (name) => set({ statement: name, given: {} }),
          }),
        ),
      draft.statement === '' ? own && h(Own, { draft, set, names, problem }) : statement && h(About, { statement }),
      statement &&
        Object.keys(statement.parameters).length > 0 &&
        fieldset(
          null,
          legend(null, t('parameters')),
          h(Values, { key: statement.name, statement, given: draft.given, onChange: (given) => set({ given }) }),
        ),
      h(More, { draft, set, most: statement }),
      tried && missing.length > 0 && p({ class: 'fault', role: 'alert' }, missing.map((one) => t(one)).join(' ')),
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
    problem?.about === 'plan' && h(ProblemBox, { problem, brief: whole }, whole && p(null, t('wholeTableHint'))),
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
                  h(Holder, { problem, project: plan.project }),
                  div(
                    { class: 'buttons' },
                    button(
                      { type: 'button', class: 'primary', 'data-testid': 'start-queue', onClick: () => start('queue') },
                      t('queueInstead'),
                    ),
                  ),
                )
              : RENEWED.has(problem.type) &&
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
          span({ class: 'quiet-text' }, t('planUntil', { time: format.moment(plan.expiresAt) })),
        ),
      ),
  );
}

export function StartPage({ query: asked }) {
  useEffect(() => {
    document.title = `${t('start')} · Rowmill`;
  }, []);
  return div(
    { class: 'start' },
    h1(null, t('startTitle')),
    may('operator')
      ? h(StartForm, { query: asked })
      : p({ class: 'empty', 'data-testid': 'nothing-to-start' }, t('mayNotStart')),
  );
}
