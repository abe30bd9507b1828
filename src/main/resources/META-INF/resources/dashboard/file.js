// The fields of a start by a file: the file is chosen or dropped, its columns are mapped, and it is uploaded.

import { h, tags, useRef, useState } from './dom.js';
import { t } from './texts.js';
import * as format from './format.js';
import { query, uploadFile } from './api.js';
import { Field, ProblemBox, ScrollBox, options, useRequest } from './parts.js';

const { div, input, select, button, fieldset, legend, p, table, thead, tbody, tr, th, td, code, progress, ul, li } = tags;

export const ACTIONS = ['update', 'delete', 'upsert', 'insert'];
const USES = ['match', 'set', 'expect', 'none'];
const OF_CHANGES = /^(?:key|before|after)\./;
const OLD = /^old_/i;

/** Limits the bytes that are read of a file to find its columns. */
const HEAD_BYTES = 1 << 16;

/** Returns the values of a line of CSV. */
function csvFields(line) {
  const fields = [];
  for (const match of line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g))
    fields.push(match[1] === undefined ? match[2] : match[1].replaceAll('""', '"'));
  return fields;
}

function jsonNames(line) {
  const object = JSON.parse(line);
  return Object.entries(object).flatMap(([name, value]) =>
    value && typeof value === 'object' ? Object.keys(value).map((inner) => `${name}.${inner}`) : [name],
  );
}

/** Returns how a column is used, until the user chooses. */
function usual(name, i) {
  if (i === 0 || name.startsWith('key.')) return 'match';
  return OLD.test(name) || name.startsWith('before.') ? 'expect' : 'set';
}

/** Returns the columns of a file; none if its beginning can't be read, as that of a Parquet file. */
async function columnsOf(file) {
  if (formatOf(file) === 'parquet') return [];
  const head = (await file.slice(0, HEAD_BYTES).text()).replace(/^\uFEFF/, '');
  const line = head.split(/\r?\n/, 1)[0];
  try {
    const names = formatOf(file) === 'csv' ? csvFields(line) : jsonNames(line);
    return names.map((name, i) => ({
      name,
      column: name.replace(OF_CHANGES, '').replace(OLD, ''),
      use: usual(name, i),
    }));
  } catch {
    return [];
  }
}

/** Returns the columns that the service has found in a file. */
const columnsIn = ({ columns }) =>
  columns.map(({ name, column }, i) => ({ name, column: column ?? '', use: column ? usual(name, i) : 'none' }));

function formatOf({ name }) {
  if (/\.(?:parquet|parq)$/i.test(name)) return 'parquet';
  return /\.(?:ndjson|jsonl|json)$/i.test(name) ? 'ndjson' : 'csv';
}

/** Returns the members of a start by a file. */
export function fileMembers({ upload, table: name, action, columns }) {
  const pairs = (use) => columns.filter((column) => column.use === use);
  const members = (use) => {
    const chosen = pairs(use);
    return chosen.length
      ? Object.fromEntries(chosen.map((column) => [column.column, column.name]))
      : undefined;
  };
  return {
    upload,
    table: name,
    match: pairs('match').map(({ column }) => column),
    do: action,
    set: action === 'delete' ? undefined : members('set'),
    expect: action === 'insert' ? undefined : members('expect'),
  };
}

/** Returns the part of a draft that starts again what a batch did by a file. */
export const fileOf = ({ upload, table: name, match, do: action, set, expect }) => ({
  upload,
  table: name,
  action,
  columns: [
    ...match.map((column) => ({ name: column, column, use: 'match' })),
    ...Object.entries(set ?? {}).map(([column, from]) => ({ name: from, column, use: 'set' })),
    ...Object.entries(expect ?? {}).map(([column, from]) => ({ name: from, column, use: 'expect' })),
  ],
});

/** Lets the user choose a file, or drop it. */
function Drop({ onFile }) {
  const [over, setOver] = useState(false);
  const dropped = (event) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file) onFile(file);
  };
  return div(
    {
      class: over ? 'drop over' : 'drop',
      'data-testid': 'file-drop',
      onDragOver: (event) => {
        event.preventDefault();
        setOver(true);
      },
      onDragLeave: () => setOver(false),
      onDrop: dropped,
    },
    h(Field, { label: t('file'), hint: t('fileHint') }, (field) =>
      input({
        ...field,
        type: 'file',
        accept: '.csv,.ndjson,.jsonl,.parquet',
        'data-testid': 'file-choose',
        onChange: ({ target }) => target.files[0] && onFile(target.files[0]),
      }),
    ),
  );
}

/** Shows what each column of the file is for. */
function Columns({ file, change, fixed }) {
  const set = (i, members) =>
    change({ columns: file.columns.map((one, j) => (j === i ? { ...one, ...members } : one)) });
  return h(
    ScrollBox,
    { label: t('fileColumns'), plain: true },
    table(
      { class: 'sample file-columns' },
      thead(
        null,
        tr(
          null,
          ['fileColumn', 'tableColumn', 'columnUse'].map((name) => th({ scope: 'col', key: name }, t(name))),
        ),
      ),
      tbody(
        null,
        file.columns.map(({ name, column, use }, i) =>
          tr(
            { key: name },
            th({ scope: 'row' }, code(null, name)),
            td(
              null,
              input({
                value: column,
                disabled: fixed,
                'aria-label': t('tableColumnOf', { name }),
                'data-testid': 'file-column',
                'data-name': name,
                spellcheck: false,
                autocomplete: 'off',
                onInput: ({ target }) => set(i, { column: target.value }),
              }),
            ),
            td(
              null,
              select(
                {
                  value: use,
                  'aria-label': t('columnUseOf', { name }),
                  'data-testid': 'file-use',
                  'data-name': name,
                  onChange: ({ target }) => set(i, { use: target.value }),
                },
                options(USES, (one) => t(`use.${one}`)),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

/** Shows the lines that were rejected. */
const LineErrors = ({ errors }) =>
  errors?.length > 0 &&
  ul(
    { 'data-testid': 'file-errors' },
    errors.map(({ line, message }) => li({ key: `${line} ${message}` }, t('lineError', { line, message }))),
  );

/**
 * Shows the fields of a start by a file.
 *
 * @param draft its `file` is null until a file is chosen, and has an `upload` once it is uploaded
 */
export function FileFields({ draft, set }) {
  const chosen = useRef(null);
  const [sent, setSent] = useState(null);
  const { busy, problem, send, clearProblem } = useRequest();
  const { file } = draft;
  const change = (members) => {
    set(({ file: now }) => ({ file: { ...now, ...members } }));
    clearProblem();
  };
  const choose = async (from) => {
    chosen.current = from;
    clearProblem();
    const columns = await columnsOf(from);
    set({
      file: {
        upload: null,
        name: from.name,
        table: file?.table ?? '',
        action: file?.action ?? 'update',
        columns,
        // The columns are not known before the upload.
        pairs: formatOf(from) === 'parquet' ? '' : undefined,
      },
    });
  };
  const upload = async () => {
    if (busy || !chosen.current) return;
    setSent(0);
    const parameters = query({
      project: draft.project.trim(),
      table: file.table.trim(),
      format: formatOf(chosen.current),
      columns: file.pairs?.trim() ?? file.columns
        .filter(({ name, column }) => column.trim() && column.trim() !== name)
        .map(({ name, column }) => `${name}:${column.trim()}`)
        .join(','),
    });
    const response = await send('upload', () => uploadFile(`uploads${parameters}`, chosen.current, setSent));
    setSent(null);
    if (response)
      change({
        upload: response.id,
        rows: response.rows,
        bytes: response.bytes,
        table: response.table,
        columns: file.pairs === undefined ? file.columns : columnsIn(response),
      });
  };
  if (!file) return h(Drop, { onFile: choose });
  const byName = file.pairs !== undefined && file.upload == null;
  const ready =
    draft.project.trim() && file.table.trim() && (byName || file.columns.some(({ use }) => use === 'match'));
  return fieldset(
    { class: 'by-file', 'data-testid': 'file' },
    legend(null, t('byFile')),
    p(
      null,
      code(null, file.name ?? file.upload),
      file.rows != null && ` · ${t('fileRows', { n: format.number(file.rows) })} · ${format.bytes(file.bytes)}`,
    ),
    div(
      { class: 'form-grid' },
      h(Field, { label: t('fileTable'), hint: t('fileTableHint') }, (field) =>
        input({
          ...field,
          value: file.table,
          disabled: file.upload != null,
          'data-testid': 'file-table',
          spellcheck: false,
          autocomplete: 'off',
          onInput: ({ target }) => change({ table: target.value }),
        }),
      ),
      h(Field, { label: t('fileAction') }, (field) =>
        select(
          {
            ...field,
            value: file.action,
            'data-testid': 'file-action',
            onChange: ({ target }) => change({ action: target.value }),
          },
          options(ACTIONS, (one) => t(`action.${one}`)),
        ),
      ),
    ),
    byName
      ? h(Field, { label: t('filePairs'), hint: t('filePairsHint') }, (field) =>
          input({
            ...field,
            value: file.pairs,
            'data-testid': 'file-pairs',
            spellcheck: false,
            autocomplete: 'off',
            onInput: ({ target }) => change({ pairs: target.value }),
          }),
        )
      : h(Columns, { file, change, fixed: file.upload != null }),
    sent !== null &&
      progress({
        max: 1,
        value: sent,
        'aria-label': t('uploading'),
        'data-testid': 'file-progress',
      }),
    problem && h(ProblemBox, { problem }, h(LineErrors, { errors: problem.document.firstErrors })),
    div(
      { class: 'buttons' },
      file.upload == null &&
        chosen.current &&
        button(
          {
            type: 'button',
            class: 'primary',
            'data-testid': 'file-upload',
            'aria-disabled': !ready || busy === 'upload',
            onClick: () => ready && upload(),
          },
          t('upload'),
        ),
      button({ type: 'button', 'data-testid': 'file-remove', onClick: () => set({ file: null }) }, t('removeFile')),
    ),
  );
}
