// Saved statements: choosing one, and its parameters as what they may be.

import { h, tags, useEffect, useState } from './dom.js';
import { t } from './texts.js';
import * as format from './format.js';
import { get, keepAsking } from './api.js';
import { Exact, NUMBER } from './exact.js';
import { Field, options } from './parts.js';
import { highlighted } from './sql.js';

const { div, p, pre, code, select, option, input, textarea } = tags;

/** All that one may start; numbers in them as they are written. */
async function list() {
  const found = [];
  for (let path = 'statements?limit=500'; path;) {
    const { items, next } = await get(path, { exact: ['items'] });
    found.push(...items);
    path = next;
  }
  return found;
}

/** The saved statements, null until they are known. */
export function useStatements() {
  const [found, setFound] = useState(null);
  useEffect(() => keepAsking(list, setFound, () => setFound([])), []);
  return found;
}

const isNumber = ({ type }) => type === 'integer' || type === 'decimal';

/** A value's text as what it is sent as. */
function sentOne({ type }, text) {
  if (type === 'boolean') return text === 'true';
  return isNumber({ type }) && NUMBER.test(text.trim()) ? new Exact(text.trim()) : text;
}

const lines = (text) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

/** What a field's value is sent as; undefined where it is left to the statement. */
function sent(rule, { text = '', isNull } = {}) {
  if (isNull) return null;
  if (text === '' && (rule.default !== undefined || rule.list || rule.type !== 'text' || rule.allowed?.length))
    return undefined;
  return rule.list ? lines(text).map((line) => sentOne(rule, line)) : sentOne(rule, text);
}

export const sentValues = ({ parameters }, given) =>
  Object.fromEntries(Object.entries(parameters).map(([name, rule]) => [name, sent(rule, given[name])]));

/** What is wrong with a value, as the key of a text, as far as it can be told here. */
function fault(rule, { text = '', isNull } = {}) {
  if (isNull || !isNumber(rule)) return null;
  return (rule.list ? lines(text) : [text.trim()]).every((one) => one === '' || NUMBER.test(one))
    ? null
    : 'invalidNumber';
}

/** Whether all parameters have a value of their type. */
export const isFilled = (statement, given) =>
  Object.entries(statement.parameters).every(
    ([name, rule]) =>
      !fault(rule, given[name]) && (rule.default !== undefined || sent(rule, given[name]) !== undefined),
  );

/** The fields of a batch's parameters; what the service does not show is typed again. */
export const givenBy = (parameters) =>
  Object.fromEntries(
    Object.entries(parameters ?? {})
      .filter(([, value]) => value !== '******')
      .map(([name, value]) => [
        name,
        value === null ? { isNull: true } : { text: Array.isArray(value) ? value.join('\n') : String(value) },
      ]),
  );

function hint(rule, wrong) {
  const { minimum, maximum, maxLength, list: many, allowed } = rule;
  const preset = rule.default;
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
    preset !== undefined && t('defaultIs', { value: format.value(preset) }),
  ]
    .filter(Boolean)
    .join(' · ');
}

const LOCAL = /^[\d:.T-]+$/;

/** The attributes of a field by its type. */
function attributes(rule) {
  const { type, minimum, maximum, maxLength, secret } = rule;
  const bounds = { min: minimum, max: maximum };
  if (secret) return { type: 'password', autocomplete: 'new-password', maxlength: maxLength };
  if (isNumber(rule)) return { inputmode: type === 'integer' ? 'numeric' : 'decimal' };
  if (type === 'date') return { type, ...bounds };
  // Where a bound has an offset, values need one, too.
  if (type === 'datetime' && [minimum, maximum].every((one) => one === undefined || LOCAL.test(one))) {
    return { type: 'datetime-local', step: 1, ...bounds };
  }
  return { maxlength: maxLength };
}

function Value({ name, rule, value = {}, onChange }) {
  const { text = '', isNull = false } = value;
  const wrong = fault(rule, value);
  const shared = { 'data-testid': 'start-param', 'data-name': name };
  const change = (change) => onChange({ text, isNull, ...change, secret: rule.secret === true });
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
  return div(
    { class: rule.nullable ? 'parameter' : undefined },
    h(Field, { label: code(null, `:${name}`), hint: hint(rule, wrong) || null }, control),
    rule.nullable &&
      select(
        {
          'aria-label': t('typeOf', { name }),
          'data-testid': 'start-param-type',
          'data-name': name,
          value: isNull ? 'null' : 'value',
          onChange: (event) => change({ isNull: event.target.value === 'null' }),
        },
        options(['value', 'null'], (one) => t(one === 'null' ? 'type.null' : 'value')),
      ),
  );
}

export const Values = ({ statement, given, onChange }) =>
  div(
    { class: 'parameters' },
    Object.entries(statement.parameters).map(([name, rule]) =>
      h(Value, {
        key: name,
        name,
        rule,
        value: given[name],
        onChange: (value) => onChange({ ...given, [name]: value }),
      }),
    ),
  );

/** Which one is to be started; '' for one of one's own, where that may be. */
export const Choice = ({ found, chosen, own, onChange }) =>
  h(Field, { label: t('savedStatement') }, (field) =>
    select(
      {
        ...field,
        'data-testid': 'start-statement',
        value: chosen,
        onChange: (event) => onChange(event.target.value),
      },
      option({ value: '' }, t(own ? 'writeSql' : 'choose')),
      options(
        found.map(({ name }) => name),
        (one) => one,
      ),
    ),
  );

/** What the chosen one does. */
export const About = ({ statement: { description, sql, projects } }) =>
  div(
    { class: 'about' },
    description && p(null, description),
    pre({ class: 'sql', tabindex: 0, 'data-testid': 'saved-sql' }, code(null, highlighted(sql))),
    projects.includes('*') ? null : p({ class: 'hint' }, t('forProjects', { projects: projects.join(', ') })),
  );
