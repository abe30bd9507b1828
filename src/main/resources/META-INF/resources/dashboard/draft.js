// What the form of a start holds, and the request that it makes.

import { Exact, NUMBER, writeExact } from './exact.js';
import { givenBy, sentValues } from './saved.js';
import { parameters } from './sql.js';

export const OWN_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

const KEPT = 'rowmill.start';

/** What most starts leave as it is. */
export const MORE = {
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
  windowFrom: '',
  windowTo: '',
  windowZone: '',
  windowDays: [],
};

/** With the name of a saved statement and what is given for its parameters, in the place of SQL and its values. */
export const EMPTY = {
  project: '',
  statement: '',
  given: {},
  sql: '',
  values: {},
  wholeTable: false,
  ignore: false,
  reason: '',
  ...MORE,
};

/** The form as it was left in this tab. */
export function kept() {
  try {
    return { ...EMPTY, ...JSON.parse(sessionStorage.getItem(KEPT)) };
  } catch {
    return EMPTY;
  }
}

/** Keeps the form but for what is secret. */
export function keep(draft) {
  const given = Object.fromEntries(Object.entries(draft.given).filter(([, value]) => !value.secret));
  sessionStorage.setItem(KEPT, JSON.stringify({ ...draft, given }));
}

export const TYPES = ['text', 'number', 'bool', 'null', 'list'];

/** A value as the form holds it; `chosen` once the reader has said of which type it is. */
function valueOf(given) {
  if (given === null) return { type: 'null', text: '', chosen: true };
  if (given instanceof Exact) return { type: 'number', text: given.text, chosen: true };
  if (typeof given === 'boolean') return { type: 'bool', text: String(given), chosen: true };
  if (typeof given === 'string') return { type: 'text', text: given, chosen: true };
  return { type: 'list', text: writeExact(given), chosen: true };
}

/** Until a type is chosen, it is a number where it is written like one. */
export function typed(value, text) {
  return value.chosen ? { ...value, text } : { type: NUMBER.test(text) ? 'number' : 'text', text };
}

export const valueIn = (draft, name) => draft.values[name] ?? { type: 'text', text: '' };

/** The form for starting a batch again. */
export function ofBatch(batch) {
  const { chunk, limits, window } = batch;
  const saved = batch.statement != null;
  const text = (value) => (value == null ? '' : String(value));
  return {
    ...EMPTY,
    project: batch.project,
    statement: batch.statement ?? '',
    given: saved ? givenBy(batch.parameters) : {},
    sql: saved ? '' : (batch.sql ?? ''),
    values: saved
      ? {}
      : Object.fromEntries(Object.entries(batch.parameters ?? {}).map(([name, value]) => [name, valueOf(value)])),
    reason: batch.reason ?? '',
    mode: batch.mode,
    lanes: batch.lanes > 1 ? text(batch.lanes) : '',
    chunkRows: chunk.targetMillis == null ? text(chunk.rows) : '',
    rowsPerSecond: text(limits?.rowsPerSecond),
    nice: text(limits?.nice),
    check: text(batch.check),
    canaryChunks: text(batch.canaryChunks),
    maxRows: text(batch.maxRows),
    maxDurationMillis: text(batch.maxDurationMillis),
    ...(window && {
      windowFrom: window.from,
      windowTo: window.to,
      windowZone: window.zone,
      windowDays: window.days ?? [],
    }),
  };
}

function isList(text) {
  try {
    return Array.isArray(JSON.parse(text));
  } catch {
    return false;
  }
}

/** What is wrong with a value, as the key of a text; null when nothing is. */
export function fault({ type, text }) {
  if (type === 'number' && !NUMBER.test(text.trim())) return 'invalidNumber';
  if (type === 'list' && !isList(text)) return 'invalidList';
  return null;
}

function sent({ type, text }) {
  if (type === 'null') return null;
  if (type === 'bool') return text === 'true';
  // Written as it is: what it holds may have more digits than a number here.
  if (type === 'number' || type === 'list') return new Exact(text.trim());
  return text;
}

const amount = (text) => (text.trim() === '' ? undefined : NUMBER.test(text.trim()) ? new Exact(text.trim()) : text);
const some = (members) => (Object.values(members).some((member) => member !== undefined) ? members : undefined);

function work(draft, statement) {
  if (draft.statement)
    return { statement: draft.statement, parameters: statement && sentValues(statement, draft.given) };
  const names = parameters(draft.sql);
  return {
    sql: draft.sql,
    parameters: names.length ? Object.fromEntries(names.map((name) => [name, sent(valueIn(draft, name))])) : undefined,
    wholeTable: draft.wholeTable || undefined,
    ignore: draft.ignore || undefined,
  };
}

/**
 * The request of a plan.
 *
 * @param statement the saved one that the form names, once it is known
 */
export function request(draft, statement) {
  return {
    ...work(draft, statement),
    reason: draft.reason || undefined,
    mode: draft.mode || undefined,
    undo: draft.undo === '' ? undefined : draft.undo === 'true',
    lanes: amount(draft.lanes),
    chunk: some({ rows: amount(draft.chunkRows), targetMillis: amount(draft.chunkTarget) }),
    limits: some({ rowsPerSecond: amount(draft.rowsPerSecond), nice: amount(draft.nice) }),
    maxRows: amount(draft.maxRows),
    maxDurationMillis: amount(draft.maxDurationMillis),
    window:
      draft.windowFrom || draft.windowTo
        ? {
            from: draft.windowFrom,
            to: draft.windowTo,
            zone: draft.windowZone.trim() || OWN_ZONE,
            days: draft.windowDays.length ? draft.windowDays : undefined,
          }
        : undefined,
    check: draft.check.trim() || undefined,
    canaryChunks: draft.check.trim() ? amount(draft.canaryChunks) : undefined,
  };
}
