// The progress of each lane, and the number of rows that still match after the end.

import { h, tags, useEffect, useState } from './dom.js';
import { t } from './texts.js';
import * as format from './format.js';
import { get, poll, query } from './api.js';
import { FINAL_STATUSES, ScrollBox } from './parts.js';

const { section, h2, p, table, thead, tbody, tr, th, td, code } = tags;

const POLL_MILLIS = 3000;

/** Loads the lanes, and for a succeeded batch also the number of rows that still match. */
async function load(id, status) {
  const { items } = await get(`batches/${id}/lanes`);
  const { residual } =
    status === 'succeeded' ? await get(`batches/${id}/ranges${query({ limit: 1 })}`) : { residual: null };
  return { lanes: items.filter((lane) => lane.chunks > 0 && lane.upTo !== null), residual };
}

export function Lanes({ batch }) {
  const { id, status } = batch;
  const [progress, setProgress] = useState(null);
  useEffect(
    () =>
      poll(
        () => load(id, status),
        setProgress,
        () => {},
        FINAL_STATUSES.has(status) ? null : POLL_MILLIS,
      ),
    [id, status],
  );
  if (!progress?.lanes.length) return null;
  const head = (name) => th({ scope: 'col', class: 'n' }, t(name));
  return section(
    { 'aria-labelledby': 'lanes-title' },
    h2({ id: 'lanes-title' }, t('lanesDone')),
    h(
      ScrollBox,
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
          progress.lanes.map(({ lane, chunks, rowsScanned, rowsChanged, upTo }) =>
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
    progress.residual !== null && p(null, t('residual', { n: format.number(progress.residual) })),
  );
}
