// Shows a plan.

import { h, tags } from './dom.js';
import { t } from './texts.js';
import * as format from './format.js';
import { ScrollBox, icon } from './parts.js';
import { highlighted } from './sql.js';

const { div, dl, dt, dd, p, ul, li, h3, table, thead, tbody, tr, th, td, code, pre, del, ins, span, details, summary } =
  tags;

const rowCount = (counted) =>
  counted && [
    counted.precision === 'estimate' ? t('about', { n: format.number(counted.rows) }) : format.number(counted.rows),
    ' ',
    span({ class: 'quiet-text' }, t(`precision.${counted.precision}`)),
  ];

const Value = ({ of }) => code({ class: of === null || of === undefined ? 'null' : '' }, format.value(of));

/** Shows one cell: the old value, and the new one if it differs. */
function Cell({ before, after, column }) {
  if (!before) return td({ class: 'changed' }, ins(null, h(Value, { of: after[column] })));
  if (!after) return td(null, h(Value, { of: before[column] }));
  const same = format.value(before[column]) === format.value(after[column]);
  return same
    ? td(null, h(Value, { of: before[column] }))
    : td(
        { class: 'changed' },
        del(null, h(Value, { of: before[column] })),
        span({ 'aria-label': t('becomes') }, ' → '),
        ins(null, h(Value, { of: after[column] })),
      );
}

function Sample({ sample, changes }) {
  if (!sample?.length) return null;
  const columns = [...new Set(sample.flatMap(({ before, after }) => Object.keys(before ?? after ?? {})))];
  const kind = ({ before, after }) => (!before ? 'inserted' : !after && changes === 'delete' ? 'deleted' : null);
  const kinds = sample.some(kind);
  return div(
    null,
    h3(null, t('sample')),
    h(
      ScrollBox,
      { label: t('sample'), testid: 'sample' },
      table(
        { class: 'sample' },
        thead(
          null,
          tr(
            null,
            kinds && th({ scope: 'col' }, t('row')),
            columns.map((column) => th({ scope: 'col', key: column }, code(null, column))),
          ),
        ),
        tbody(
          null,
          sample.map((row, i) =>
            tr(
              { key: i, class: kind(row) },
              kinds && th({ scope: 'row' }, kind(row) ? t(`row.${kind(row)}`) : ''),
              columns.map((column) => h(Cell, { ...row, column, key: column })),
            ),
          ),
        ),
      ),
    ),
    p({ class: 'hint' }, t('sampleHint')),
  );
}

function Explain({ explain }) {
  if (!explain?.length) return null;
  const columns = [...new Set(explain.flatMap(Object.keys))];
  return div(
    null,
    h3(null, t('explain')),
    h(
      ScrollBox,
      { label: t('explain') },
      table(
        { class: 'sample' },
        thead(
          null,
          tr(
            null,
            columns.map((column) => th({ scope: 'col', key: column }, column)),
          ),
        ),
        tbody(
          null,
          explain.map((row, i) =>
            tr(
              { key: i },
              columns.map((column) => td({ key: column }, h(Value, { of: row[column] }))),
            ),
          ),
        ),
      ),
    ),
  );
}

export const Warnings = ({ warnings }) =>
  warnings.length > 0 &&
  ul(
    { class: 'warnings' },
    warnings.map(({ code: named, message }) =>
      li({ key: named + message, 'data-testid': 'warning', 'data-code': named }, icon('warn'), span(null, message)),
    ),
  );

const range = (given) => given && code(null, `(${format.cursor(given.after)} … ${format.cursor(given.upTo)}]`);

export function Plan({ plan }) {
  const { key, ranges, undo, statement, lines } = plan;
  const fact = (name, shown) => shown != null && div(null, dt(null, t(name)), dd(null, shown));
  const changes = /^\s*(\w+)/.exec(statement?.sql ?? '')?.[1].toLowerCase();
  return div(
    null,
    h(Warnings, { warnings: plan.warnings }),
    dl(
      { class: 'figures' },
      fact('rowsMatching', rowCount(plan.rowsMatching)),
      !lines && fact('rowsTotal', rowCount(plan.rowsTotal)),
      lines && [
        fact('linesMatched', format.number(lines.matched)),
        fact('linesMissing', format.number(lines.missing + lines.noKey)),
        fact('linesUnexpected', format.number(lines.unexpected)),
        fact('linesUnchanged', format.number(lines.unchanged)),
      ],
      fact('chunks', plan.chunks != null ? t('about', { n: format.number(plan.chunks) }) : null),
      fact('estimatedTime', plan.estimatedMillis == null ? t('unknown') : format.millis(plan.estimatedMillis)),
      undo &&
        fact(
          'undoData',
          undo.available
            ? [
                t('undoDataSize', { rows: format.number(undo.rows), bytes: format.bytes(undo.bytes) }),
                ' ',
                span(
                  { class: 'quiet-text' },
                  t(undo.fits ? 'fits' : 'fitsNot', { room: format.bytes(undo.roomBytes) }),
                ),
              ]
            : t('notUndoable'),
        ),
    ),
    h(Sample, { sample: plan.sample, changes }),
    dl(
      { class: 'facts' },
      key && fact('key', [code(null, `${key.name} (${key.columns.join(', ')})`), ' ', key.reason]),
      ranges && fact('firstRange', range(ranges.first)),
      ranges && fact('lastRange', range(ranges.last)),
    ),
    h(Explain, { explain: plan.explain }),
    statement &&
      details(
        { class: 'more-settings' },
        summary(null, t('chunkStatement')),
        pre({ class: 'sql', tabindex: 0 }, code(null, highlighted(statement.sql))),
        p(
          { class: 'hint' },
          t('chunkParameters'),
          ' ',
          code(null, statement.parameters.map((one) => format.value(one)).join(', ')),
        ),
      ),
  );
}
