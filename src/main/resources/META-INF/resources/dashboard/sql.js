// Reads a statement as far as it takes to colour it and to find its parameters.

import { h } from './dom.js';

const TOKEN = new RegExp(
  [
    /(?<comment>#[^\n]*|--(?=[\s\x00-\x1f\x7f]|$)[^\n]*|\/\*[^]*?(?:\*\/|$))/,
    /(?<string>'(?:''|\\[^]|[^'\\])*'?|"(?:""|\\[^]|[^"\\])*"?)/,
    /(?<name>`(?:``|[^`])*`?)/,
    /(?<number>\b(?:0x[0-9a-f]+|\d+(?:\.\d+)?(?:e[+-]?\d+)?)\b)/,
    /(?<parameter>:[a-z_][a-z0-9_]*)/,
    /(?<word>[a-z_$\u0080-\uffff][\w$\u0080-\uffff]*)/,
    /(?<other>[^])/,
  ]
    .map((part) => part.source)
    .join('|'),
  'gi',
);

const KEYWORDS = new Set(
  `select insert update delete into from where set and or not in is null like between
  exists case when then else end as on join left right inner outer cross union all distinct true false
  interval values order by group having limit div mod xor regexp rlike escape collate binary default
  replace ignore using current_timestamp`.split(/\s+/),
);

/** The parts of a statement in their order, each `{kind, text}`. */
export function* tokens(sql) {
  let plain = '';
  for (const match of sql.matchAll(TOKEN)) {
    const [kind, text] = Object.entries(match.groups).find(([, found]) => found !== undefined);
    const known =
      kind === 'word'
        ? KEYWORDS.has(text.toLowerCase())
          ? 'keyword'
          : null
        : kind === 'other' || kind === 'name'
          ? null
          : kind;
    if (known === null) {
      plain += text;
    } else {
      if (plain) yield { kind: 'plain', text: plain };
      plain = '';
      yield { kind: known, text };
    }
  }
  if (plain) yield { kind: 'plain', text: plain };
}

/** The names of the parameters that are to be given, each once; the project is the path's. */
export function parameters(sql) {
  const found = new Set();
  for (const { kind, text } of tokens(sql)) if (kind === 'parameter') found.add(text.slice(1));
  found.delete('project');
  return [...found];
}

/** Whether a statement that changes rows has no WHERE of its own. */
export function lacksWhere(sql) {
  let depth = 0;
  let changes = false;
  for (const { kind, text } of tokens(sql)) {
    const word = kind === 'keyword' && depth === 0 ? text.toLowerCase() : null;
    if (word === 'where') return false;
    changes ||= word === 'set' || word === 'from';
    if (kind === 'plain') for (const one of text) depth += one === '(' ? 1 : one === ')' ? -1 : 0;
  }
  return changes;
}

/** Whether a statement that changes rows passes over those that fail. */
export function ignores(sql) {
  for (const { kind, text } of tokens(sql)) {
    const word = kind === 'keyword' ? text.toLowerCase() : null;
    if (word === 'ignore') return true;
    if (word && !['update', 'delete', 'insert'].includes(word)) return false;
  }
  return false;
}

/** The statement in colours. */
export const highlighted = (sql) =>
  Array.from(tokens(sql), ({ kind, text }) => (kind === 'plain' ? text : h('span', { class: `sql-${kind}` }, text)));
