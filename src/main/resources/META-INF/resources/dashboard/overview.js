// Everything at a glance: the pool, the serial line, the projects.

import { h, tags, useEffect, useState } from './dom.js';
import { t } from './texts.js';
import { get, keepAsking } from './api.js';
import { listen } from './events.js';
import { Board } from './board.js';
import { Nodes } from './nodes.js';
import { Pool, SerialLine } from './pool.js';
import { Projects } from './projects.js';

const { div, h1 } = tags;

const POOL_EVERY = 1000;

export function Overview({ query: filter }) {
  const [board] = useState(() => new Board());
  const [pool, setPool] = useState(null);
  const [nodes, setNodes] = useState(null);

  useEffect(() => {
    document.title = 'Rowmill';
    let last = null;
    let known = null;
    const asked = async () => (last && document.hidden ? last : get('pool'));
    // An instance that is alone stays so.
    const asNode = async () => (known && (document.hidden || !known.cluster) ? known : get('nodes'));
    const ends = [
      listen('/api/v1/events', (kind, data) => board.heard(kind, data)),
      keepAsking(
        asked,
        (answer) => {
          last = answer;
          setPool(answer);
        },
        () => {},
        POOL_EVERY,
      ),
      keepAsking(
        asNode,
        (answer) => {
          known = answer;
          setNodes(answer);
        },
        () => {},
        POOL_EVERY,
      ),
    ];
    return () => ends.forEach((end) => end());
  }, [board]);

  return div(
    { class: 'overview' },
    h1({ class: 'unseen' }, t('overview')),
    h(Pool, { pool, board }),
    h(Nodes, { nodes }),
    h(SerialLine, { serial: pool?.serial, board }),
    h(Projects, { board, filter }),
  );
}
