// Labels: name and value pairs by which batches are found. As text: `ticket:OPS-7, team:stock`.

import { tags } from './dom.js';
import { link } from './router.js';

const { span, a } = tags;

/** Returns the labels of a text, each as `name:value`. A comma separates them only where a name follows. */
export const labelsOf = (text) =>
  text
    .split(/,(?=\s*[A-Za-z0-9._-]+:)/)
    .map((one) => one.trim())
    .filter(Boolean);

/** Returns the labels of a text as members of a request; undefined for none. */
export function labelMembers(text) {
  const labels = labelsOf(text);
  if (!labels.length) return undefined;
  return Object.fromEntries(
    labels.map((label) => {
      const [name, ...value] = label.split(':');
      return [name.trim(), value.join(':').trim()];
    }),
  );
}

/** Returns the labels of a batch as text. */
export const labelText = (labels) =>
  Object.entries(labels ?? {})
    .map(([name, value]) => `${name}:${value}`)
    .join(', ');

/** Shows labels, each as a link to the batches, or what else a page lists, that have it. */
export const Labels = ({ labels, page = 'history' }) =>
  span(
    { class: 'labels', 'data-testid': 'labels' },
    Object.entries(labels ?? {}).map(([name, value]) =>
      a({ key: name, class: 'label', href: link(page, { label: `${name}:${value}` }) }, `${name}:${value}`),
    ),
  );
