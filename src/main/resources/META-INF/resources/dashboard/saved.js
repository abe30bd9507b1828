// Saved statements: selecting one, and the fields of its parameters.

import { h, tags, useEffect, useState } from './dom.js';
import { t } from './texts.js';
import * as format from './format.js';
import { get, poll } from './api.js';
import { ExactNumber, NUMBER } from './exact.js';
import { Field, options } from './parts.js';
import { highlighted } from './sql.js';
import { NO_RELATIVE, RelativeField, isRelative, relativeError, relativeMember, relativeOf } from './relative.js';
import { rulesOf } from './tasks.js';

const { div, p, pre, code, select, option, input, textarea } = tags;

/** Loads all statements that the user may start, with exact numbers, and the tasks in the same form. */
async function loadStatements() {
  const found = [];
  for (let path = 'statements?limit=500'; path;) {
    const { items, next } = await get(path, { exact: ['items'] });
    found.push(...items);
    path = next;
  }
  const { items: tasks } = await get('tasks');
  return [...found, ...tasks.map((task) => ({ ...task, isTask: true, projects: ['*'], parameters: rulesOf(task) }))];
}

/** Returns the saved statements and the tasks, or null until they are loaded. */
export function useStatements() {
  const [found, setFound] = useState(null);
  useEffect(() => poll(loadStatements, setFound, () => setFound([])), []);
  return found;
}

const isNumber = ({ type }) => type === 'integer' || type === 'decimal';

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Converts the text of one value for the request. */
function requestElement({ type }, text) {
  if (type === 'boolean') return text === 'true';
  if (type === 'json') return isJson(text) ? new ExactNumber(text) : text;
  return isNumber({ type }) && NUMBER.test(text.trim()) ? new ExactNumber(text.trim()) : text;
}

const lines = (text) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

/** Converts a field's value for the request; undefined if the statement's default applies. */
function requestValue(rule, { text = '', isNull, relative } = {}) {
  if (isNull) return null;
  if (relative) return relativeMember(relative);
  if (text === '' && (rule.optional || rule.secret || rule.default !== undefined || rule.list || rule.type !== 'text' || rule.allowed?.length))
    return undefined;
  return rule.list ? lines(text).map((line) => requestElement(rule, line)) : requestElement(rule, text);
}

export const requestValues = ({ parameters }, given) =>
  Object.fromEntries(Object.entries(parameters).map(([name, rule]) => [name, requestValue(rule, given[name])]));

/** Returns the text key of the error in a value, or null. Only numbers are checked here. */
function errorOf(rule, { text = '', isNull, relative } = {}) {
  if (relative) return relativeError(relative);
  if (isNull || !isNumber(rule)) return null;
  return (rule.list ? lines(text) : [text.trim()]).every((one) => one === '' || NUMBER.test(one))
    ? null
    : 'invalidNumber';
}

/** Returns true if all parameters have a value of their type. */
export const isComplete = (statement, given) =>
  Object.entries(statement.parameters).every(
    ([name, rule]) =>
      !errorOf(rule, given[name]) && (rule.optional || rule.default !== undefined || requestValue(rule, given[name]) !== undefined),
  );

/** Returns a batch's parameters as form fields. Secret values, which the service masks, are left empty. */
export const fieldsOf = (parameters) =>
  Object.fromEntries(
    Object.entries(parameters ?? {})
      .filter(([, value]) => value !== '******')
      .map(([name, value]) => [
        name,
        value === null
          ? { isNull: true }
          : isRelative(value)
            ? { relative: relativeOf(value) }
            : { text: Array.isArray(value) ? value.join('\n') : String(value) },
      ]),
  );

function hint(rule, wrong) {
  const { minimum, maximum, maxLength, list: many, allowed } = rule;
  const defaultValue = rule.default;
  return [
    wrong && t(wrong),
    many && t('onePerLine'),
    many && allowed?.length > 0 && allowed.map(String).join(', '),
    minimum !== undefined && maximum !== undefined
      ? t('between', { minimum, maximum })
      : minimum !== undefined
        ? t('atLeast', { n: minimum })
        : maximum !== undefined && t('atMost', { n: maximum }),
    maxLength !== undefined && t('charactersAtMost', { n: maxLength }),
    defaultValue !== undefined && t('defaultIs', { value: format.value(defaultValue) }),
  ]
    .filter(Boolean)
    .join(' · ');
}

const LOCAL_TIME = /^[\d:.T-]+$/;

/** Returns the attributes of a field by its type. */
function attributes(rule) {
  const { type, minimum, maximum, maxLength, secret } = rule;
  const bounds = { min: minimum, max: maximum };
  if (secret) return { type: 'password', autocomplete: 'new-password', maxlength: maxLength };
  if (isNumber(rule)) return { inputmode: type === 'integer' ? 'numeric' : 'decimal' };
  if (type === 'date') return { type, ...bounds };
  // If a bound has an offset, values need one as well, which a datetime-local field can't hold.
  if (type === 'datetime' && [minimum, maximum].every((one) => one === undefined || LOCAL_TIME.test(one))) {
    return { type: 'datetime-local', step: 1, ...bounds };
  }
  return { maxlength: maxLength };
}

function ParameterField({ name, rule, value = {}, onChange, relative, error }) {
  const { text = '', isNull = false } = value;
  const wrong = errorOf(rule, value);
  const shared = { 'data-testid': 'start-param', 'data-name': name };
  const change = (members) => onChange({ text, isNull, relative: value.relative, ...members, secret: rule.secret === true });
  const typed = (event) => change({ text: event.target.value });
  const choices = rule.list
    ? null
    : rule.allowed?.length
      ? rule.allowed.map(String)
      : rule.type === 'boolean' && ['true', 'false'];
  const control = (props) => {
    if (isNull) return input({ ...props, ...shared, value: 'NULL', disabled: true });
    if (choices) {
      return select(
        { ...props, ...shared, value: text, onChange: typed },
        option({ value: '' }, rule.default === undefined ? t('choose') : t('default')),
        options(choices, (one) => one),
      );
    }
    const filled = {
      ...props,
      ...shared,
      value: text,
      autocomplete: 'off',
      spellcheck: false,
      'aria-invalid': wrong ? 'true' : undefined,
      onInput: typed,
    };
    return rule.list && !rule.secret
      ? textarea({ ...filled, rows: 3 })
      : input({ type: 'text', ...filled, ...attributes(rule) });
  };
  const mayBeRelative = relative && !rule.list && !rule.secret && !choices && !isNumber(rule);
  const kinds = ['value', rule.nullable && 'null', mayBeRelative && 'relative'].filter(Boolean);
  return div(
    { class: kinds.length > 1 ? 'parameter' : undefined },
    value.relative
      ? h(RelativeField, {
          name,
          value: value.relative,
          result: relative?.values[name],
          error,
          onChange: (to) => change({ relative: to }),
        })
      : h(Field, { label: code(null, `:${name}`), hint: hint(rule, wrong) || null, error }, control),
    kinds.length > 1 &&
      select(
        {
          'aria-label': t('typeOf', { name }),
          'data-testid': 'start-param-type',
          'data-name': name,
          value: value.relative ? 'relative' : isNull ? 'null' : 'value',
          onChange: ({ target }) =>
            change({
              isNull: target.value === 'null',
              relative: target.value === 'relative' ? NO_RELATIVE : undefined,
            }),
        },
        options(kinds, (one) => t(one === 'value' ? 'value' : `type.${one}`)),
      ),
  );
}

export const ParameterFields = ({ statement, given, onChange, relative, errors = () => null }) =>
  div(
    { class: 'parameters' },
    Object.entries(statement.parameters).map(([name, rule]) =>
      h(ParameterField, {
        key: name,
        name,
        rule,
        value: given[name],
        relative,
        error: errors(`parameters.${name}`),
        onChange: (value) => onChange({ ...given, [name]: value }),
      }),
    ),
  );

/** Selects the statement to start; '' stands for SQL written by the user, if allowed. */
export const StatementSelect = ({ statements, chosen, allowSql, onChange, error }) =>
  h(Field, { label: t('whatToStart'), error }, (field) =>
    select(
      {
        ...field,
        'data-testid': 'start-statement',
        value: chosen,
        onChange: (event) => onChange(event.target.value),
      },
      option({ value: '' }, t(allowSql ? 'writeSql' : 'choose')),
      options(
        statements.map(({ name, isTask }) => (isTask ? `task:${name}` : name)),
        (one) => (one.startsWith('task:') ? `${one.slice(5)} (${t('kind.task')})` : one),
      ),
    ),
  );

/** Shows the description and the SQL of the selected statement. */
export const StatementInfo = ({ statement: { description, sql, projects } }) =>
  div(
    { class: 'about' },
    description && p(null, description),
    sql && pre({ class: 'sql', tabindex: 0, 'data-testid': 'saved-sql' }, code(null, highlighted(sql))),
    projects.includes('*') ? null : p({ class: 'hint' }, t('forProjects', { projects: projects.join(', ') })),
  );
