// The form that creates a schedule or changes one.

import { classNames, h, tags, useEffect, useRef, useState } from './dom.js';
import { t } from './texts.js';
import { get, poll, post, put } from './api.js';
import { writeExact } from './exact.js';
import { go, link } from './router.js';
import { Field, Loading, ProblemBox, errorsIn, options, useRequest } from './parts.js';
import { EMPTY_DRAFT, LOCAL_ZONE, draftOfStart, loadDraft, localTime, moment, planRequest } from './draft.js';
import { useStatements } from './saved.js';
import { ProjectField, ReasonField, WorkFields, missingIn, workOf } from './work.js';
import { StartOptions } from './options.js';
import { FiringTimes, NO_TIMES, TimesFields, timesMembers, timesOf } from './times.js';
import { may } from './session.js';

const { div, form, section, h1, h2, p, a, ul, li, button, input, select, label, span } = tags;

const PREVIEW_DELAY_MILLIS = 400;
const NAME = /^[\w.-]{1,64}$/;
/** Violations that are shown before the form is sent, as they do not come from empty fields. */
const EARLY = /^(cron|every|zone|until|parameters\..*\.(now|precision))$/;

const EMPTY = {
  ...EMPTY_DRAFT,
  name: '',
  times: NO_TIMES,
  zone: LOCAL_ZONE,
  busy: 'skip',
  onMissed: 'once',
  until: '',
  enabled: true,
  others: {},
};

/** Returns the form of a stored schedule. Members that the form does not have are in `others`. */
function draftOfSchedule(schedule) {
  const { limits, ...start } = schedule.start;
  const { rowsPerSecond, nice, ...otherLimits } = limits ?? {};
  const { queueAfter, ...members } = start;
  const known = planRequest(EMPTY, { parameters: {} });
  const others = Object.fromEntries(
    Object.entries({ ...members, limits: otherLimits }).filter(
      ([name]) => name === 'limits' || !(name in known || ['sql', 'task', 'statement', 'parameters', 'wholeTable', 'ignore'].includes(name)),
    ),
  );
  return {
    ...EMPTY,
    ...draftOfStart(schedule.project, schedule.start),
    name: schedule.name,
    times: timesOf(schedule),
    zone: schedule.zone,
    busy: schedule.onBusy === 'queue' && queueAfter === 'succeeded' ? 'queue-succeeded' : schedule.onBusy,
    onMissed: schedule.onMissed,
    until: localTime(schedule.until),
    storedUntil: schedule.until ?? undefined,
    enabled: schedule.enabled,
    others: { ...others, approvalValidFor: schedule.approvalValidFor, unusualFactor: schedule.unusualFactor },
  };
}

/** Returns the request that stores the schedule. */
function scheduleRequest(draft, statement) {
  const start = planRequest({ ...draft, startAt: '', after: '' }, statement);
  const limits = { ...draft.others.limits, ...start.limits };
  return {
    ...draft.others,
    ...start,
    limits: Object.keys(limits).length ? limits : undefined,
    project: draft.project.trim() || undefined,
    ...timesMembers(draft.times),
    zone: draft.zone,
    onBusy: draft.busy === 'skip' ? 'skip' : 'queue',
    queueAfter: draft.busy === 'queue-succeeded' ? 'succeeded' : undefined,
    onMissed: draft.onMissed,
    // The field has no seconds.
    until: draft.until === localTime(draft.storedUntil) ? draft.storedUntil : moment(draft.until),
    enabled: draft.enabled,
  };
}

/**
 * Returns what the service says about the form, once it has not changed for a moment. Until then, it returns what the
 * service has said about an earlier state of the form, as `isStale`.
 */
function usePreview(name, body, unsendable) {
  const [preview, setPreview] = useState(null);
  const text = unsendable ? null : writeExact(body);
  useEffect(() => {
    if (text === null) return undefined;
    let end = () => {};
    const timer = setTimeout(() => {
      end = poll(
        () => post(`schedules/${NAME.test(name) ? name : 'preview'}/preview`, body),
        (response) => setPreview({ ...response, of: text, zone: body.zone }),
        (problem) => setPreview({ next: [], relative: {}, violations: [], problem: problem.document, of: text }),
      );
    }, PREVIEW_DELAY_MILLIS);
    return () => {
      clearTimeout(timer);
      end();
    };
  }, [name, text]);
  return preview && { ...preview, isStale: preview.of !== text };
}

const Preview = ({ preview }) =>
  section(
    {
      class: classNames('firing-preview', preview?.isStale && 'stale'),
      'data-testid': 'firing-preview',
      'aria-labelledby': 'firing-preview-title',
      'aria-live': 'polite',
      'aria-busy': String(!preview || Boolean(preview.isStale)),
    },
    h2({ id: 'firing-preview-title' }, t('nextFirings')),
    preview?.next.length
      ? h(FiringTimes, { items: preview.next, zone: preview.zone })
      : p({ class: 'quiet-text' }, t(preview ? 'lacksTime' : 'loading')),
  );

function Choice({ name, values, draft, set, error }) {
  const member = name === 'whenBusy' ? 'busy' : 'onMissed';
  return h(Field, { label: t(name), error }, (field) =>
    select(
      { ...field, 'data-testid': `schedule-${member}`, value: draft[member], onChange: ({ target }) => set({ [member]: target.value }) },
      options(values, (one) => t(`${name}.${one}`)),
    ),
  );
}

function ScheduleForm({ initial, editing }) {
  const [draft, setDraft] = useState(initial);
  const [submitted, setSubmitted] = useState(false);
  const element = useRef(null);
  const statements = useStatements();
  const { busy, problem, send, clearProblem } = useRequest();
  const set = (change) => {
    setDraft((now) => ({ ...now, ...(typeof change === 'function' ? change(now) : change) }));
    clearProblem();
  };
  const statement = workOf(draft, statements);
  const missing = missingIn(draft, statement);
  const named = draft.statement || draft.task;
  const { kind, days, time } = draft.times;
  const lacksTime = kind === 'week' ? !time || days.length === 0 : (kind === 'day' || kind === 'month') && !time;
  // A number or list of SQL that is not valid can't be written as JSON.
  const unsendable = lacksTime || (named ? !statement : missing.includes('missingParameter'));
  const body = scheduleRequest(draft, statement);
  const preview = usePreview(draft.name, body, unsendable);
  const taken = !editing && preview?.exists === true && NAME.test(draft.name);
  const nameError = taken
    ? t('nameTaken')
    : (submitted || draft.name !== '') && !NAME.test(draft.name)
      ? t('invalidName')
      : null;
  const found = problem?.document.violations ?? preview?.violations ?? [];
  const violations = submitted ? found : found.filter(({ field }) => EARLY.test(field));
  const errors = (path) => {
    if (submitted && path === 'project' && missing.includes('missingProject')) return t('missingProject');
    if (submitted && path === 'sql' && missing.includes('missingSql')) return t('missingSql');
    return errorsIn(violations)(path);
  };
  const rejected = (missing.length === 0 && preview?.problem) || null;
  const lacksWhere = rejected?.type === '/problems/whole-table';

  const save = async (event) => {
    event.preventDefault();
    setSubmitted(true);
    if (busy) return;
    const isReady = !unsendable && missing.length === 0 && NAME.test(draft.name);
    const checked = isReady && (await send('save', () => post(`schedules/${draft.name}/preview`, body)));
    if (checked && !checked.problem && !checked.violations.length && (editing || !checked.exists)) {
      const stored = await send('save', () => put(`schedules/${draft.name}`, body));
      if (stored) go(link(`schedules/${draft.name}`));
      return;
    }
    setTimeout(() => element.current?.querySelector('[aria-invalid=true], .problem')?.focus(), PREVIEW_DELAY_MILLIS);
  };

  return form(
    { onSubmit: save, noValidate: true, ref: element },
    div(
      { class: 'form-grid' },
      h(Field, { label: t('scheduleName'), hint: editing ? null : t('nameHint'), error: nameError }, (field) =>
        input({
          ...field,
          'data-testid': 'schedule-name',
          value: draft.name,
          disabled: editing,
          autocomplete: 'off',
          spellcheck: false,
          maxlength: 64,
          onInput: (event) => set({ name: event.target.value }),
        }),
      ),
      h(ProjectField, { draft, set, error: errors('project') }),
      h(ReasonField, { draft, set, error: errors('reason') }),
    ),
    h(TimesFields, { times: draft.times, zone: draft.zone, set, errors }),
    h(Preview, { preview: lacksTime ? { next: [] } : preview }),
    section(
      { class: 'form-part', 'aria-labelledby': 'starts-title' },
      h2({ id: 'starts-title' }, t('scheduleStarts')),
      h(WorkFields, {
        draft,
        set,
        statements,
        problem: lacksWhere ? { type: 'whole-table' } : null,
        errors,
        relative: { values: preview?.relative ?? {} },
      }),
      rejected &&
        (lacksWhere
          ? p({ class: 'fault', role: 'alert' }, t('wholeTableHint'))
          : h(ProblemBox, { problem: { type: String(rejected.type).replace('/problems/', ''), document: rejected } })),
    ),
    div(
      { class: 'form-grid roomy' },
      h(Choice, { name: 'whenBusy', values: ['skip', 'queue', 'queue-succeeded'], draft, set, error: errors('onBusy') }),
      h(Choice, { name: 'whenMissed', values: ['once', 'skip'], draft, set, error: errors('onMissed') }),
      h(Field, { label: t('firesUntil'), hint: t('untilHint', { zone: LOCAL_ZONE }), error: errors('until') }, (field) =>
        input({
          ...field,
          type: 'datetime-local',
          'data-testid': 'schedule-until',
          value: draft.until,
          onInput: (event) => set({ until: event.target.value }),
        }),
      ),
    ),
    h(StartOptions, { draft, set, bounds: statement?.isTask ? undefined : statement, errors, withoutTime: true }),
    label(
      { class: 'choice' },
      input({
        type: 'checkbox',
        'data-testid': 'schedule-enabled',
        checked: draft.enabled,
        onChange: (event) => set({ enabled: event.target.checked }),
      }),
      span(null, t('firesWhenSaved')),
    ),
    submitted && missing.length > 0 && p({ class: 'fault', role: 'alert' }, missing.map((one) => t(one)).join(' ')),
    submitted &&
      violations.length > 0 &&
      div(
        { class: 'problem', role: 'alert', tabindex: -1, 'data-testid': 'schedule-errors' },
        p(null, t('correctFields')),
        ul(null, violations.map(({ field, message }) => li({ key: field + message }, `${field}: ${message}`))),
      ),
    problem && !problem.document.violations && h(ProblemBox, { problem }),
    div(
      { class: 'buttons' },
      button(
        { type: 'submit', class: 'primary', 'data-testid': 'schedule-save', 'aria-disabled': Boolean(busy) },
        t(editing ? 'saveSchedule' : 'createSchedule'),
      ),
      a({ class: 'button', href: link(editing ? `schedules/${draft.name}` : 'schedules') }, t('back')),
    ),
  );
}

/** Loads the schedule that is edited or duplicated, and shows its form. */
function Loaded({ name, editing }) {
  const [state, setState] = useState({ initial: null, problem: null });
  useEffect(
    () =>
      poll(
        () => get(`schedules/${encodeURIComponent(name)}`, { exact: ['start'] }),
        (schedule) => {
          const initial = draftOfSchedule(schedule);
          setState({ initial: editing ? initial : { ...initial, name: '' }, problem: null });
        },
        (problem) => setState({ initial: null, problem }),
      ),
    [name],
  );
  if (state.problem) return h(ProblemBox, { problem: state.problem });
  return state.initial ? h(ScheduleForm, { initial: state.initial, editing }) : h(Loading);
}

export function ScheduleFormPage({ query: { edit, copy, draft } }) {
  const title = edit ? t('editTitle', { name: edit }) : t('newSchedule');
  useEffect(() => {
    document.title = `${title} · Rowmill`;
  }, [title]);
  const name = edit ?? copy;
  return div(
    { class: 'start schedule-form' },
    h1(null, title),
    !may('author')
      ? p({ class: 'empty', 'data-testid': 'nothing-to-schedule' }, t('mayNotSchedule'))
      : name
        ? h(Loaded, { key: name, name, editing: Boolean(edit) })
        : h(ScheduleForm, {
            initial: { ...EMPTY, ...(draft && { ...loadDraft(), after: '', startAt: '' }) },
            editing: false,
          }),
  );
}
