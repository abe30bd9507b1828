// The draft in the start form, and the plan request that it results in.

import { ExactNumber, NUMBER, writeExact } from './exact.js';
import { fileMembers, fileOf } from './file.js';
import { labelMembers, labelText } from './labels.js';
import { isRelative, relativeError, relativeMember, relativeOf } from './relative.js';
import { fieldsOf, requestValues } from './saved.js';
import { parameters } from './sql.js';

export const LOCAL_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

const STORAGE_KEY = 'rowmill.start';

/** The options of a start, all unset. */
export const NO_OPTIONS = {
  mode: '',
  undo: '',
  lanes: '',
  chunkRows: '',
  chunkTarget: '',
  rowsPerSecond: '',
  nice: '',
  check: '',
  canaryChunks: '',
  maxRows: '',
  maxDurationMillis: '',
  maxSkipped: '',
  windowFrom: '',
  windowTo: '',
  windowZone: '',
  windowDays: [],
  after: '',
  afterOn: '',
  labels: '',
  startAt: '',
};

/** The empty form. It holds either `sql` and `values`, or a saved `statement` and the values `given` for it. */
export const EMPTY_DRAFT = {
  project: '',
  statement: '',
  task: '',
  select: '',
  batchRows: '',
  given: {},
  sql: '',
  file: null,
  values: {},
  wholeTable: false,
  ignore: false,
  reason: '',
  ...NO_OPTIONS,
};

/** Loads the form as it was left in this tab. */
export function loadDraft() {
  try {
    return { ...EMPTY_DRAFT, ...JSON.parse(sessionStorage.getItem(STORAGE_KEY)) };
  } catch {
    return EMPTY_DRAFT;
  }
}

/** Returns the form without secret values, which are not stored. */
export const withoutSecrets = (draft) => ({
  ...draft,
  given: Object.fromEntries(Object.entries(draft.given).filter(([, value]) => !value.secret)),
});

/** Stores the form without secret values. */
export const saveDraft = (draft) => sessionStorage.setItem(STORAGE_KEY, JSON.stringify(withoutSecrets(draft)));

export const TYPES = ['text', 'number', 'bool', 'null', 'list'];

/** Returns a parameter's value as a form field. `chosen` is set once the user has chosen the type. */
function fieldOf(given) {
  if (given === null) return { type: 'null', text: '', chosen: true };
  if (given instanceof ExactNumber) return { type: 'number', text: given.text, chosen: true };
  if (typeof given === 'boolean') return { type: 'bool', text: String(given), chosen: true };
  if (typeof given === 'string') return { type: 'text', text: given, chosen: true };
  if (isRelative(given)) return { type: 'relative', text: '', relative: relativeOf(given), chosen: true };
  return { type: 'list', text: writeExact(given), chosen: true };
}

/** Sets a field's text. Until a type is chosen, text that looks like a number is a number. */
export function withText(value, text) {
  return value.chosen ? { ...value, text } : { type: NUMBER.test(text) ? 'number' : 'text', text };
}

export const fieldIn = (draft, name) => draft.values[name] ?? { type: 'text', text: '' };

const text = (value) => (value == null ? '' : String(value));

/** Returns the form of a start with the members of a request. */
export function draftOfStart(project, start) {
  const { chunk, limits, window } = start;
  const byFile = start.upload != null ? start : start.task === 'upload' ? start.parameters : null;
  const saved = !byFile && (start.statement != null || start.task != null);
  return {
    ...EMPTY_DRAFT,
    project,
    statement: start.statement ?? '',
    task: byFile ? '' : (start.task ?? ''),
    select: start.select ?? '',
    batchRows: text(start.batchRows),
    file: byFile && fileOf(byFile),
    given: saved ? fieldsOf(start.parameters) : {},
    sql: saved ? '' : (start.sql ?? ''),
    values: saved || byFile
      ? {}
      : Object.fromEntries(Object.entries(start.parameters ?? {}).map(([name, value]) => [name, fieldOf(value)])),
    wholeTable: start.wholeTable === true,
    ignore: start.ignore === true,
    reason: start.reason ?? '',
    mode: start.mode ?? '',
    undo: typeof start.undo === 'boolean' ? String(start.undo) : '',
    lanes: text(start.lanes),
    chunkRows: text(chunk?.rows),
    chunkTarget: text(chunk?.targetMillis),
    rowsPerSecond: text(limits?.rowsPerSecond),
    nice: text(limits?.nice),
    check: text(start.check),
    canaryChunks: text(start.canaryChunks),
    maxRows: text(start.maxRows),
    maxDurationMillis: text(start.maxDurationMillis),
    maxSkipped: text(start.onError?.maxSkipped),
    labels: labelText(start.labels),
    ...(window && {
      windowFrom: window.from,
      windowTo: window.to,
      windowZone: window.zone,
      windowDays: window.days ?? [],
    }),
  };
}

/** Returns the form that starts a batch again. */
export const draftOf = (batch) =>
  draftOfStart(batch.project, {
    ...batch,
    undo: undefined,
    lanes: batch.automaticLanes ? undefined : batch.lanes,
    chunk: batch.chunk.targetMillis == null ? { rows: batch.chunk.rows } : undefined,
    ...(batch.task && batch.parameters?.select && { parameters: undefined, ...batch.parameters, chunk: undefined }),
  });

function isList(text) {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}

/** Returns the text key of the error in a value, or null. */
export function errorOf({ type, text, relative }) {
  if (type === 'relative') return relativeError(relative);
  if (type === 'number' && !NUMBER.test(text.trim())) return 'invalidNumber';
  if (type === 'list' && !isList(text)) return 'invalidList';
  return null;
}

function requestValue({ type, text, relative }) {
  if (type === 'relative') return relativeMember(relative);
  if (type === 'null') return null;
  if (type === 'bool') return text === 'true';
  // Sent as written, because the number may have more digits than a JavaScript number.
  if (type === 'number' || type === 'list') return new ExactNumber(text.trim());
  return text;
}

const numberOrText = (text) =>
  text.trim() === '' ? undefined : NUMBER.test(text.trim()) ? new ExactNumber(text.trim()) : text;
const unlessEmpty = (members) => (Object.values(members).some((member) => member !== undefined) ? members : undefined);

/** Returns the batches that must end before. What is no number is sent as text, which the service rejects. */
function predecessors({ after, afterOn }) {
  const ids = after.split(/[\s,;]+/).filter(Boolean);
  return ids.length
    ? ids.map((id) => ({ batch: numberOrText(id.replace(/^#/, '')), on: afterOn || undefined }))
    : undefined;
}

/** Returns whether another service processes the rows that the user selects. */
export const isHttpTask = (statement) => statement?.kind === 'http';

function statementMembers(draft, statement) {
  if (draft.file) return fileMembers(draft.file);
  if (draft.task)
    return {
      task: draft.task,
      select: isHttpTask(statement) ? draft.select : undefined,
      batchRows: isHttpTask(statement) ? numberOrText(draft.batchRows) : undefined,
      wholeTable: (isHttpTask(statement) && draft.wholeTable) || undefined,
      parameters: statement && requestValues(statement, draft.given),
    };
  if (draft.statement)
    return { statement: draft.statement, parameters: statement && requestValues(statement, draft.given) };
  const names = parameters(draft.sql);
  return {
    sql: draft.sql,
    parameters: names.length
      ? Object.fromEntries(names.map((name) => [name, requestValue(fieldIn(draft, name))]))
      : undefined,
    wholeTable: draft.wholeTable || undefined,
    ignore: draft.ignore || undefined,
  };
}

/** Returns the moment of a local date and time with its offset, or the text if it is none. */
export function moment(text) {
  if (!text) return undefined;
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? text : at.toISOString();
}

/** Returns a moment as a local date and time, for a field. */
export function localTime(at) {
  if (!at) return '';
  const date = new Date(at);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/**
 * Returns the request for a plan.
 *
 * @param statement the saved statement that the form names, once it is loaded
 */
export function planRequest(draft, statement) {
  return {
    ...statementMembers(draft, statement),
    reason: draft.reason || undefined,
    mode: draft.mode || undefined,
    undo: draft.undo === '' ? undefined : draft.undo === 'true',
    lanes: numberOrText(draft.lanes),
    chunk: unlessEmpty({ rows: numberOrText(draft.chunkRows), targetMillis: numberOrText(draft.chunkTarget) }),
    limits: unlessEmpty({ rowsPerSecond: numberOrText(draft.rowsPerSecond), nice: numberOrText(draft.nice) }),
    maxRows: numberOrText(draft.maxRows),
    maxDurationMillis: numberOrText(draft.maxDurationMillis),
    onError: draft.maxSkipped.trim() ? { mode: 'skip', maxSkipped: numberOrText(draft.maxSkipped) } : undefined,
    window:
      draft.windowFrom || draft.windowTo
        ? {
            from: draft.windowFrom,
            to: draft.windowTo,
            zone: draft.windowZone.trim() || LOCAL_ZONE,
            days: draft.windowDays.length ? draft.windowDays : undefined,
          }
        : undefined,
    after: predecessors(draft),
    labels: labelMembers(draft.labels),
    check: draft.check.trim() || undefined,
    canaryChunks: draft.check.trim() ? numberOrText(draft.canaryChunks) : undefined,
    startAt: moment(draft.startAt),
  };
}
