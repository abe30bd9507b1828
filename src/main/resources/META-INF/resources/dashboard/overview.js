// The overview page: the pool, the nodes, the serial queue and the projects.

import { h, tags, useEffect, useState } from './dom.js';
import { t } from './texts.js';
import { get, poll } from './api.js';
import { listen } from './events.js';
import { Board } from './board.js';
import { Nodes } from './nodes.js';
import { Pool, SerialQueue } from './pool.js';
import { Projects } from './projects.js';

const { div, h1 } = tags;

const POLL_MILLIS = 1000;

export function Overview({ query: filter }) {
  const [board] = useState(() => new Board());
  const [pool, setPool] = useState(null);
  const [nodes, setNodes] = useState(null);

  useEffect(() => {
    document.title = 'Rowmill';
    let lastPool = null;
    let lastNodes = null;
    const loadPool = async () => (lastPool && document.hidden ? lastPool : get('pool'));
    // An instance that is not part of a cluster does not join one later.
    const loadNodes = async () => (lastNodes && (document.hidden || !lastNodes.cluster) ? lastNodes : get('nodes'));
    const stops = [
      listen('/api/v1/events', (kind, data) => board.onEvent(kind, data)),
      poll(
        loadPool,
        (response) => {
          lastPool = response;
          setPool(response);
        },
        () => {},
        POLL_MILLIS,
      ),
      poll(
        loadNodes,
        (response) => {
          lastNodes = response;
          setNodes(response);
        },
        () => {},
        POLL_MILLIS,
      ),
    ];
    return () => stops.forEach((stop) => stop());
  }, [board]);

  return div(
    { class: 'overview' },
    h1({ class: 'unseen' }, t('overview')),
    h(Pool, { pool, board }),
    h(Nodes, { nodes }),
    h(SerialQueue, { serial: pool?.serial, board }),
    h(Projects, { board, filter }),
  );
}
