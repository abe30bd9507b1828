// How far each lane is, and how many rows still match when all are done.

import { h, tags, useEffect, useState } from './dom.js';
import { t } from './texts.js';
import * as format from './format.js';
import { get, keepAsking, query } from './api.js';
import { FINAL, Wide } from './parts.js';

const { section, h2, p, table, thead, tbody, tr, th, td, code } = tags;

const EVERY = 3000;

/** How far the lanes are; of a batch that has succeeded also how many rows still match. */
async function ask(id, status) {
  const { items } = await get(`batches/${id}/lanes`);
  const { residual } =
    status === 'succeeded' ? await get(`batches/${id}/ranges${query({ limit: 1 })}`) : { residual: null };
  return { lanes: items.filter((lane) => lane.chunks > 0 && lane.upTo !== null), residual };
}

export function Lanes({ batch }) {
  const { id, status } = batch;
  const [known, setKnown] = useState(null);
  useEffect(
    () =>
      keepAsking(
        () => ask(id, status),
        setKnown,
        () => {},
        FINAL.has(status) ? null : EVERY,
      ),
    [id, status],
  );
  if (!known?.lanes.length) return null;
  const head = (name) => th({ scope: 'col', class: 'n' }, t(name));
  return section(
    { 'aria-labelledby': 'lanes-title' },
    h2({ id: 'lanes-title' }, t('lanesDone')),
    h(
      Wide,
      { label: t('lanesDone'), plain: true },
      table(
        { class: 'small' },
        thead(
          null,
          tr(
            null,
            th({ scope: 'col' }, t('lane')),
            head('chunks'),
            head('rowsScanned'),
            head('rowsChanged'),
            th({ scope: 'col' }, t('upTo')),
          ),
        ),
        tbody(
          null,
          known.lanes.map(({ lane, chunks, rowsScanned, rowsChanged, upTo }) =>
            tr(
              { key: lane },
              th({ scope: 'row' }, format.number(lane + 1)),
              td({ class: 'n' }, format.number(chunks)),
              td({ class: 'n' }, format.number(rowsScanned)),
              td({ class: 'n' }, format.number(rowsChanged)),
              td(null, code(null, format.cursor(upTo))),
            ),
          ),
        ),
      ),
    ),
    known.residual !== null && p(null, t('residual', { n: format.number(known.residual) })),
  );
}
