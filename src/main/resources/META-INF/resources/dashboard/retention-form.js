// The form that creates a retention: a schedule that deletes old rows.

import { h, tags, useEffect, useRef, useState } from './dom.js';
import { t } from './texts.js';
import { post, put } from './api.js';
import { ExactNumber, NUMBER } from './exact.js';
import { go, link } from './router.js';
import { Field, ProblemBox, errorsIn, options, useRequest } from './parts.js';
import { LOCAL_ZONE } from './draft.js';
import { ProjectField } from './work.js';
import { NO_TIMES, TimesFields, timesMembers } from './times.js';
import { may } from './session.js';

const { div, form, h1, p, a, ul, li, button, input, select, label, span } = tags;

const NAME = /^[\w.-]{1,64}$/;
const UNITS = ['TH', 'D', 'W', 'M', 'Y'];
/** What a column of whole numbers counts since 1970; '' for a column of dates or times. */
const COLUMN_UNITS = ['', 'seconds', 'milliseconds'];

const EMPTY = {
  name: '',
  project: '',
  table: '',
  column: '',
  columnUnit: '',
  keep: '90',
  keepUnit: 'D',
  atMostRows: '',
  where: '',
  allowDropPartition: false,
  // By night, and at an hour that no change of clocks skips.
  times: { ...NO_TIMES, time: '04:00', cron: '0 4 * * *' },
  zone: LOCAL_ZONE,
};

const orNone = (text) => text.trim() || undefined;

/** Returns the request that stores the retention. */
function retentionRequest(draft) {
  const rows = draft.atMostRows.trim();
  return {
    project: orNone(draft.project),
    table: orNone(draft.table),
    column: orNone(draft.column),
    unit: orNone(draft.columnUnit),
    keep: draft.keepUnit === 'TH' ? `PT${draft.keep.trim()}H` : `P${draft.keep.trim()}${draft.keepUnit}`,
    // What is no number is sent as text, which the service rejects.
    atMostRows: NUMBER.test(rows) ? new ExactNumber(rows) : orNone(rows),
    where: orNone(draft.where),
    allowDropPartition: draft.allowDropPartition || undefined,
    ...timesMembers(draft.times),
    zone: draft.zone,
  };
}

/** Returns true if there is a schedule of that name, which the retention would replace. */
const exists = async (name) => (await post(`schedules/${name}/preview`, {})).exists;

function RetentionForm() {
  const [draft, setDraft] = useState(EMPTY);
  const [taken, setTaken] = useState(null);
  const [submitted, setSubmitted] = useState(false);
  const element = useRef(null);
  const { busy, problem, send, clearProblem } = useRequest();
  const set = (change) => {
    setDraft((now) => ({ ...now, ...change }));
    clearProblem();
  };
  const { kind, days, time } = draft.times;
  const lacksTime = ['day', 'week', 'month'].includes(kind) && (!time || (kind === 'week' && days.length === 0));
  const violations = problem?.document.violations;
  const errors = errorsIn(violations);
  const wrongName = NAME.test(draft.name) ? taken === draft.name && t('nameTaken') : submitted && t('invalidName');

  const save = async (event) => {
    event.preventDefault();
    setSubmitted(true);
    if (!busy && !lacksTime && NAME.test(draft.name)) {
      const stored = await send('save', async () => {
        if (await exists(draft.name)) {
          setTaken(draft.name);
          return null;
        }
        return put(`retention/${draft.name}`, retentionRequest(draft));
      });
      if (stored) go(link(`schedules/${draft.name}`));
    }
    setTimeout(() => element.current?.querySelector('[aria-invalid=true]')?.focus());
  };
  const text = (name, props = {}, { hint, wide, error = errors(name) } = {}) =>
    h(Field, { label: t(`retention.${name}`), hint, wide, error }, (field) =>
      input({
        ...field,
        type: 'text',
        'data-testid': `retention-${name}`,
        autocomplete: 'off',
        spellcheck: false,
        value: draft[name],
        onInput: (event) => set({ [name]: event.target.value }),
        ...props,
      }),
    );
  const choice = (name, values, named, error) =>
    h(Field, { label: t(`retention.${name}`), error }, (field) =>
      select(
        { ...field, 'data-testid': `retention-${name}`, value: draft[name], onChange: ({ target }) => set({ [name]: target.value }) },
        options(values, named),
      ),
    );
  return form(
    { onSubmit: save, noValidate: true, ref: element },
    div(
      { class: 'form-grid' },
      text('name', { maxlength: 64 }, { hint: t('nameHint'), error: wrongName || null }),
      h(ProjectField, { draft, set, error: errors('project') }),
    ),
    div(
      { class: 'form-grid' },
      text('table', { placeholder: 'shop.session' }, { hint: t('retention.tableHint') }),
      text('column', { placeholder: 'seen_on' }, { hint: t('retention.columnHint') }),
      choice('columnUnit', COLUMN_UNITS, (one) => t(`columnUnit.${one || 'time'}`), errors('unit')),
      text('keep', { inputmode: 'numeric' }, { hint: t('retention.keepHint') }),
      choice('keepUnit', UNITS, (one) => t(`unit.${one}`)),
    ),
    div(
      { class: 'form-grid' },
      text('atMostRows', { inputmode: 'numeric' }, { hint: t('retention.atMostRowsHint') }),
      text('where', { class: 'code', placeholder: "status = 'closed'" }, { hint: t('retention.whereHint'), wide: true }),
    ),
    label(
      { class: 'choice' },
      input({
        type: 'checkbox',
        'data-testid': 'retention-allowDropPartition',
        checked: draft.allowDropPartition,
        onChange: (event) => set({ allowDropPartition: event.target.checked }),
      }),
      span(null, t('retention.allowDropPartition')),
    ),
    h(TimesFields, { times: draft.times, zone: draft.zone, set, errors }),
    submitted && lacksTime && p({ class: 'fault', role: 'alert', 'data-testid': 'retention-lacks-time' }, t('lacksTime')),
    violations &&
      div(
        { class: 'problem', role: 'alert', 'data-testid': 'retention-errors' },
        p(null, t('correctFields')),
        ul(null, violations.map(({ field, message }) => li({ key: field + message }, `${field}: ${message}`))),
      ),
    problem && !violations && h(ProblemBox, { problem }),
    div(
      { class: 'buttons' },
      button(
        { type: 'submit', class: 'primary', 'data-testid': 'retention-save', 'aria-disabled': Boolean(busy) },
        t('createRetention'),
      ),
      a({ class: 'button', href: link('schedules') }, t('back')),
    ),
  );
}

export function RetentionFormPage() {
  useEffect(() => {
    document.title = `${t('newRetention')} · Rowmill`;
  }, []);
  return div(
    { class: 'start schedule-form' },
    h1(null, t('newRetention')),
    may('author')
      ? [p({ class: 'lead', key: 'lead' }, t('retentionLead')), h(RetentionForm, { key: 'form' })]
      : p({ class: 'empty', 'data-testid': 'nothing-to-schedule' }, t('mayNotSchedule')),
  );
}
