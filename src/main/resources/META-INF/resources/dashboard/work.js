// The fields of what a batch does: its project, and a saved statement, a task or SQL with its parameters.

import { h, tags, useEffect, useId, useMemo, useState } from './dom.js';
import { t } from './texts.js';
import { get, poll, query } from './api.js';
import { Field, options } from './parts.js';
import { highlighted, ignores, lacksWhere, parameters } from './sql.js';
import { TYPES, errorOf, fieldIn, isHttpTask, withText } from './draft.js';
import { ParameterFields, StatementInfo, StatementSelect, isComplete } from './saved.js';
import { FileFields } from './file.js';
import { NO_RELATIVE, RelativeField } from './relative.js';
import { may } from './session.js';

const { div, input, select, textarea, pre, code, datalist, fieldset, legend, label, span } = tags;

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

function Parameter({ name, value, onChange, relative, error }) {
  const { type, text } = value;
  const wrong = type !== 'relative' && text !== '' && errorOf(value);
  const shared = { 'data-testid': 'start-param', 'data-name': name };
  return div(
    { class: 'parameter' },
    type === 'relative'
      ? h(RelativeField, { name, value: value.relative, result: relative.values[name], error, onChange: (to) => onChange({ ...value, relative: to }) })
      : h(Field, { label: code(null, `:${name}`), hint: wrong ? t(wrong) : null, error }, (props) =>
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
          onChange({
            type: target.value,
            text: target.value === 'bool' ? 'true' : text,
            chosen: true,
            relative: value.relative ?? NO_RELATIVE,
          }),
      },
      options(relative ? [...TYPES, 'relative'] : TYPES, (one) => t(`type.${one}`)),
    ),
  );
}

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
function SqlFields({ draft, set, names, problem, errors, relative }) {
  return [
    h(Field, { key: 'sql', label: t('statement'), hint: t('statementHint'), error: errors('sql') }, (field) =>
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
              relative,
              error: errors(`parameters.${name}`),
              onChange: (value) => set(({ values }) => ({ values: { ...values, [name]: value } })),
            }),
          ),
        ),
      ),
  ];
}


/** Shows the project, with suggestions. */
export function ProjectField({ draft, set, error }) {
  const id = useId();
  return [
    h(Field, { key: 'field', label: t('project'), error }, (field) =>
      input({
        ...field,
        type: 'text',
        list: id,
        'data-testid': 'start-project',
        value: draft.project,
        autocomplete: 'off',
        maxlength: 64,
        required: true,
        onInput: (event) => set({ project: event.target.value }),
      }),
    ),
    h(ProjectSuggestions, { key: 'known', typed: draft.project, id }),
  ];
}

export const ReasonField = ({ draft, set, error }) =>
  h(Field, { label: t('reason'), wide: true, error }, (field) =>
    input({
      ...field,
      type: 'text',
      'data-testid': 'start-reason',
      value: draft.reason,
      autocomplete: 'off',
      maxlength: 1000,
      onInput: (event) => set({ reason: event.target.value }),
    }),
  );

/** Shows the query of an HTTP task, and the rows of a call. */
const QueryFields = ({ draft, set, problem, errors }) => [
  h(Field, { key: 'select', label: t('selectRows'), hint: t('selectRowsHint'), error: errors('select') }, (field) =>
    h(SqlEditor, {
      ...field,
      'data-testid': 'start-select',
      value: draft.select,
      onInput: (event) => set({ select: event.target.value }),
    }),
  ),
  div(
    { key: 'rows', class: 'form-grid' },
    h(Field, { label: t('batchRows'), error: errors('batchRows') }, (field) =>
      input({
        ...field,
        type: 'text',
        inputmode: 'numeric',
        'data-testid': 'start-batch-rows',
        value: draft.batchRows,
        placeholder: '100',
        autocomplete: 'off',
        onInput: (event) => set({ batchRows: event.target.value }),
      }),
    ),
  ),
  h(Confirmations, { key: 'meant', draft, set, confirmWholeTable: problem?.type === 'whole-table' }),
];

/** Returns the saved statement or the task of a draft, once it is loaded. */
export const workOf = (draft, statements) =>
  statements?.find(({ name, isTask }) => (isTask ? name === draft.task : name === draft.statement && !draft.task));

/** Returns the text keys of what is missing in a draft. */
export function missingIn(draft, statement) {
  const named = draft.statement || draft.task;
  return [
    draft.project.trim() === '' && 'missingProject',
    draft.file && !draft.file.upload && 'missingUpload',
    !named && !draft.file && (may('author') ? draft.sql.trim() === '' && 'missingSql' : 'missingStatement'),
    isHttpTask(statement) && draft.select.trim() === '' && 'missingSelect',
    (named
      ? statement && !isComplete(statement, draft.given)
      : !draft.file && parameters(draft.sql).some((name) => errorOf(fieldIn(draft, name)))) && 'missingParameter',
  ].filter(Boolean);
}

/**
 * Shows the choice of the work, and its fields.
 *
 * @param statements the saved statements and tasks, or null until they are loaded
 * @param errors returns the message about a member, by its path
 * @param files whether a file can be chosen
 * @param relative for a schedule: the `values` of its relative parameters; else undefined
 */
export function WorkFields({ draft, set, statements, problem, errors = () => null, relative, files }) {
  const names = useMemo(() => parameters(draft.sql), [draft.sql]);
  const statement = workOf(draft, statements);
  const named = draft.statement || draft.task;
  return [
    !draft.file && (statements?.length > 0 || named) &&
      div(
        { key: 'choice', class: 'form-grid' },
        h(StatementSelect, {
          statements: statements ?? [],
          chosen: draft.task ? `task:${draft.task}` : draft.statement,
          allowSql: may('author'),
          error: errors('statement') || errors('task'),
          onChange: (value) => {
            const isTask = value.startsWith('task:');
            set({ statement: isTask ? '' : value, task: isTask ? value.slice(5) : '', given: {} });
          },
        }),
      ),
    !named && files && may('author') && h(FileFields, { key: 'file', draft, set }),
    draft.file
      ? null
      : named
      ? statement && h(StatementInfo, { key: 'info', statement })
      : may('author') && h(SqlFields, { key: 'sql', draft, set, names, problem, errors, relative }),
    isHttpTask(statement) && h(QueryFields, { key: 'query', draft, set, problem, errors }),
    statement &&
      Object.keys(statement.parameters).length > 0 &&
      fieldset(
        { key: 'given' },
        legend(null, t('parameters')),
        h(ParameterFields, {
          key: statement.name,
          statement,
          given: draft.given,
          errors,
          relative,
          onChange: (given) => set({ given }),
        }),
      ),
  ];
}
