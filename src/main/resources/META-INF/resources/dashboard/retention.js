// What the service says about the table of a retention.

import { h, useEffect, useState } from './dom.js';
import { get, poll } from './api.js';
import { Warnings } from './plan.js';

/**
 * Shows the warnings about a retention, such as a missing index.
 *
 * @param name the name of its schedule
 */
export function RetentionWarnings({ name }) {
  const [warnings, setWarnings] = useState([]);
  useEffect(() => poll(() => get(`retention/${name}`), (retention) => setWarnings(retention.warnings)), [name]);
  return h(Warnings, { warnings });
}
