// What each lane has done, by the batch's ranges; and what an undo could not put back.

import { h, tags, useEffect, useState } from './dom.js';
import { t } from './texts.js';
import * as format from './format.js';
import { get, keepAsking, query } from './api.js';
import { FINAL, Wide } from './parts.js';

const { section, h2, p, table, thead, tbody, tr, th, td, code } = tags;

const PAGE = 500;
const MOST_PAGES = 40;
const EVERY = 3000;

function add(lanes, ranges) {
  const sums = new Map(lanes);
  for (const { lane, to, rowsScanned, rowsChanged } of ranges) {
    const sum = sums.get(lane) ?? { ranges: 0, rowsScanned: 0, rowsChanged: 0 };
    sums.set(lane, {
      ranges: sum.ranges + 1, rowsScanned: sum.rowsScanned + rowsScanned, rowsChanged: sum.rowsChanged + rowsChanged, to,
    });
  }
  return sums;
}

/** Ranges are listed from the first on: pages that are full stay as they are, the last one is read again. */
function follow(id, live, show) {
  let full = new Map();
  let pages = 0;
  let residual = null;
  let path = `batches/${id}/ranges${query({ limit: PAGE })}`;
  const asked = async () => {
    for (;;) {
      const page = await get(path);
      const sums = add(full, page.items);
      if (pages === 0) residual = page.residual;
      if (page.next === null || pages >= MOST_PAGES) return { sums, residual, partial: page.next !== null };
      full = sums;
      pages += 1;
      path = page.next;
    }
  };
  return keepAsking(asked, show, () => {}, live ? EVERY : null);
}

export function Lanes({ batch }) {
  const [known, setKnown] = useState(null);
  const live = !FINAL.has(batch.status);
  useEffect(() => follow(batch.id, live, setKnown), [batch.id, live]);
  if (!known?.sums.size) return null;
  const rows = [...known.sums].sort(([one], [other]) => one - other);
  const head = (name) => th({ scope: 'col', class: 'n' }, t(name));
  return section({ 'aria-labelledby': 'lanes-title' },
    h2({ id: 'lanes-title' }, t('ranges')),
    h(Wide, { label: t('ranges'), plain: true }, table({ class: 'small' },
      thead(null, tr(null, th({ scope: 'col' }, t('lane')), head('rangesDone'), head('rowsScanned'), head('rowsChanged'), th({ scope: 'col' }, t('upTo')))),
      tbody(null, rows.map(([lane, sum]) => tr({ key: lane },
        th({ scope: 'row' }, format.number(lane + 1)),
        td({ class: 'n' }, format.number(sum.ranges)),
        td({ class: 'n' }, format.number(sum.rowsScanned)),
        td({ class: 'n' }, format.number(sum.rowsChanged)),
        td(null, code(null, format.cursor(sum.to)))))))),
    known.partial && p({ class: 'hint' }, t('rangesPartial')),
    batch.status === 'succeeded' && known.residual !== null
      && p(null, t('residual', { n: format.number(known.residual) })));
}
