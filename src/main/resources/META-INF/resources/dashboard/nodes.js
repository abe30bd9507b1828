// The nodes of a cluster.

import { tags, classNames } from './dom.js';
import { t } from './texts.js';
import * as format from './format.js';

const { section, div, ul, li, span, p, h2 } = tags;

const node = ({ id, name, since, lastSeen, alive, version, poolSize, running }) =>
  li(
    {
      key: id,
      class: classNames(!alive && 'gone'),
      title: `${id} · ${version}`,
      'data-testid': 'node',
      'data-alive': alive,
    },
    span({ class: 'name' }, name),
    span(
      { class: 'place' },
      alive ? t('nodeSince', { time: format.dateTime(since) }) : t('nodeGone', { time: format.dateTime(lastSeen) }),
    ),
    span(null, t('nodeLoad', { n: format.number(running.length), size: format.number(poolSize) })),
  );

/** Shows the nodes; nothing outside of a cluster. */
export function Nodes({ nodes }) {
  if (!nodes?.cluster) return null;
  const alive = nodes.nodes.filter((it) => it.alive).length;
  return section(
    { class: 'nodes', 'data-testid': 'nodes', 'aria-labelledby': 'nodes-title' },
    div(
      { class: 'section-head' },
      h2({ id: 'nodes-title' }, t('nodes')),
      p(null, t('nodesAlive', { alive: format.number(alive), n: format.number(nodes.nodes.length) })),
    ),
    ul({ class: 'line' }, nodes.nodes.map(node)),
  );
}
