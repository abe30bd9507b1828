// A start: the statement and its parameters, a preview, and only from that the start itself.

import { h, tags, useEffect, useMemo, useState } from './dom.js';
import { t } from './texts.js';
import * as format from './format.js';
import { get, keepAsking, post, query } from './api.js';
import { writeExact } from './exact.js';
import { batchLink, go } from './router.js';
import { Bar, Field, ProblemBox, options, useAsk } from './parts.js';
import { highlighted, parameters } from './sql.js';
import { EMPTY, TYPES, fault, keep, kept, ofBatch, request, typed, valueIn } from './draft.js';
import { Plan } from './plan.js';

const { div, form, h1, h2, p, a, button, input, select, option, textarea, pre, code, datalist, details, summary, fieldset, legend, span, section } = tags;

const RENEWED = new Set(['plan-drift', 'plan-expired', 'unknown-plan']);

/** The projects that begin as what is typed. */
function Known({ typed: text, id }) {
  const [names, setNames] = useState([]);
  const prefix = /^[\w.-]{1,64}$/.test(text) ? text : '';
  useEffect(() => {
    let end = () => {};
    const timer = setTimeout(() => {
      end = keepAsking(() => get(`projects${query({ prefix, limit: 50 })}`), ({ items }) =>
        setNames(items.map(({ project }) => project)));
    }, prefix ? 200 : 0);
    return () => {
      clearTimeout(timer);
      end();
    };
  }, [prefix]);
  return datalist({ id }, options(names, () => undefined));
}

/** A textarea with the same text in colours behind it. */
const SqlEditor = ({ value, onInput, ...props }) => div({ class: 'sql-edit' },
  pre({ class: 'sql', 'aria-hidden': 'true' }, code(null, highlighted(value), '\n ')),
  textarea({ ...props, class: 'sql', value, onInput, spellcheck: false, autocomplete: 'off', autocapitalize: 'off', rows: 4 }));

function Parameter({ name, value, onChange }) {
  const { type, text } = value;
  const wrong = text !== '' && fault(value);
  const shared = { 'data-testid': 'start-param', 'data-name': name };
  return div({ class: 'parameter' },
    h(Field, { label: code(null, `:${name}`), hint: wrong ? t(wrong) : null }, (props) => (
      type === 'null' ? input({ ...props, ...shared, value: 'NULL', disabled: true })
        : type === 'bool' ? select({ ...props, ...shared, value: text, onChange: (event) => onChange({ ...value, text: event.target.value }) },
          options(['true', 'false'], (one) => one))
          : input({
            ...props, ...shared, value: text, autocomplete: 'off', spellcheck: false,
            inputmode: type === 'number' ? 'decimal' : undefined, 'aria-invalid': wrong ? 'true' : undefined,
            onInput: (event) => onChange(typed(value, event.target.value)),
          }))),
    select({
      'aria-label': t('typeOf', { name }), 'data-testid': 'start-param-type', 'data-name': name, value: type,
      onChange: ({ target }) => onChange({ type: target.value, text: target.value === 'bool' ? 'true' : text, chosen: true }),
    }, options(TYPES, (one) => t(`type.${one}`))));
}

/** `chunkRows` as `chunk-rows`. */
const dashed = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function More({ draft, set }) {
  const text = (name, props = {}) => h(Field, { label: t(name), hint: t.has(`${name}Hint`) ? t(`${name}Hint`) : null }, (field) => input({
    ...field, type: 'text', inputmode: 'numeric', autocomplete: 'off', value: draft[name], 'data-testid': `start-${dashed(name)}`,
    onInput: (event) => set({ [name]: event.target.value }), ...props,
  }));
  const choice = (name, values) => h(Field, { label: t(name) }, (field) => select({
    ...field, value: draft[name], 'data-testid': `start-${dashed(name)}`, onChange: (event) => set({ [name]: event.target.value }),
  }, option({ value: '' }, t('asConfigured')), options(values, (one) => t(`${name}.${one}`))));
  const opened = Object.keys(EMPTY).slice(4).some((name) => draft[name] !== '');
  return details({ class: 'more-settings', open: opened || undefined },
    summary({ 'data-testid': 'start-more' }, t('more')),
    div({ class: 'form-grid' },
      choice('mode', ['parallel', 'serial']), choice('undo', ['true', 'false']), text('lanes'), text('chunkRows'), text('chunkTarget'),
      text('rowsPerSecondLimit', { value: draft.rowsPerSecond, onInput: (event) => set({ rowsPerSecond: event.target.value }) }),
      text('nice', { inputmode: 'decimal' })),
    h(Field, { label: t('check'), hint: t('checkHint') }, (field) => input({
      ...field, type: 'text', class: 'code', autocomplete: 'off', spellcheck: false, value: draft.check, 'data-testid': 'start-check',
      onInput: (event) => set({ check: event.target.value }),
    })),
    draft.check.trim() !== '' && text('canaryChunks'));
}

/** Who holds the project, when that is why a start was refused. */
const Holder = ({ problem, project }) => {
  const { batch, progress } = problem.document;
  return div({ class: 'holder-of' },
    p(null, t('heldBy2'), ' ', a({ href: batchLink(batch) }, `#${batch}`), progress && ` · ${format.rowsDone(progress)} ${format.timeLeft(progress)}`),
    progress && h(Bar, { batch: { project, progress, status: 'running' } }));
};

export function StartPage({ query: asked }) {
  const [draft, setDraft] = useState(() => (asked.from ? EMPTY : { ...kept(), ...(asked.project && { project: asked.project }) }));
  const [planned, setPlanned] = useState(null);
  const [tried, setTried] = useState(false);
  const { busy, problem, ask, forget } = useAsk();
  const set = (change) => {
    setDraft((now) => ({ ...now, ...(typeof change === 'function' ? change(now) : change) }));
    forget();
  };
  useEffect(() => keep(draft), [draft]);
  useEffect(() => {
    document.title = `${t('start')} · Rowmill`;
  }, []);
  useEffect(() => (asked.from ? keepAsking(() => get(`batches/${asked.from}`, { exact: ['parameters'] }), (batch) => setDraft(ofBatch(batch))) : undefined), [asked.from]);

  const names = useMemo(() => parameters(draft.sql), [draft.sql]);
  // A plan holds for what it was made of, and goes with any change of it.
  const held = `${draft.project} ${writeExact(request(draft))}`;
  const plan = planned?.of === held ? planned.plan : null;
  const missing = [
    draft.project.trim() === '' && 'faultProject',
    draft.sql.trim() === '' && 'faultSql',
    names.some((name) => fault(valueIn(draft, name))) && 'faultParameter',
  ].filter(Boolean);
  const path = `projects/${encodeURIComponent(draft.project.trim())}`;

  const preview = async (event) => {
    event?.preventDefault();
    setTried(true);
    if (busy || missing.length) return;
    setPlanned(null);
    const answer = await ask('plan', () => post(`${path}/plans`, request(draft), { exact: ['sample', 'explain', 'statement'] }));
    if (answer) setPlanned({ plan: answer, of: held });
  };
  const start = async (onBusy) => {
    const answer = busy ? null : await ask('start', () => post(`${path}/batches`, { plan: plan.id, onBusy },
      { headers: { 'Idempotency-Key': `${plan.id}${onBusy ? `-${onBusy}` : ''}` } }));
    if (answer) go(batchLink(answer.id));
  };

  return div({ class: 'start' },
    h1(null, t('startTitle')),
    form({ onSubmit: preview, noValidate: true },
      div({ class: 'form-grid' },
        h(Field, { label: t('project') }, (field) => input({
          ...field, type: 'text', list: 'known-projects', 'data-testid': 'start-project', value: draft.project, autocomplete: 'off', maxlength: 64, required: true,
          onInput: (event) => set({ project: event.target.value }),
        })),
        h(Field, { label: t('reason'), wide: true }, (field) => input({
          ...field, type: 'text', 'data-testid': 'start-reason', value: draft.reason, autocomplete: 'off', maxlength: 1000,
          onInput: (event) => set({ reason: event.target.value }),
        }))),
      h(Known, { typed: draft.project, id: 'known-projects' }),
      h(Field, { label: t('statement'), hint: t('statementHint') }, (field) => h(SqlEditor, {
        ...field, 'data-testid': 'start-sql', value: draft.sql, onInput: (event) => set({ sql: event.target.value }),
      })),
      names.length > 0 && fieldset(null, legend(null, t('parameters')), div({ class: 'parameters' }, names.map((name) =>
        h(Parameter, { key: name, name, value: valueIn(draft, name), onChange: (value) => set(({ values }) => ({ values: { ...values, [name]: value } })) })))),
      h(More, { draft, set }),
      tried && missing.length > 0 && p({ class: 'fault', role: 'alert' }, missing.map((one) => t(one)).join(' ')),
      div({ class: 'buttons' },
        button({ type: 'submit', class: plan ? '' : 'primary', 'data-testid': 'start-preview', 'aria-disabled': busy === 'plan' }, t('preview')),
        span({ role: 'status', class: 'quiet-text' }, busy === 'plan' && t('planning')))),
    problem?.about === 'plan' && h(ProblemBox, { problem }),
    plan && section({ class: 'plan', 'data-testid': 'plan', 'aria-labelledby': 'plan-title' },
      h2({ id: 'plan-title' }, t('plan')),
      h(Plan, { plan }),
      problem?.about === 'start' && h(ProblemBox, { problem }, problem.type === 'project-busy'
        ? div(null, h(Holder, { problem, project: plan.project }), div({ class: 'buttons' },
          button({ type: 'button', class: 'primary', 'data-testid': 'start-queue', onClick: () => start('queue') }, t('queueInstead'))))
        : RENEWED.has(problem.type) && div({ class: 'buttons' }, button({ type: 'button', onClick: preview }, t('previewAgain')))),
      div({ class: 'buttons start-now' },
        button({ type: 'button', class: 'primary', 'data-testid': 'start-submit', 'aria-disabled': busy === 'start', onClick: () => start() }, t('startNow')),
        span({ class: 'quiet-text' }, t('planUntil', { time: format.moment(plan.expiresAt) })))));
}
