// Splits a statement into tokens, to highlight it and to find its parameters.

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

/** Yields the tokens of a statement in their order, each `{kind, text}`. */
export function* tokens(sql) {
  let plain = '';
  for (const match of sql.matchAll(TOKEN)) {
    const [kind, text] = Object.entries(match.groups).find(([, found]) => found !== undefined);
    const shownKind =
      kind === 'word'
        ? KEYWORDS.has(text.toLowerCase())
          ? 'keyword'
          : null
        : kind === 'other' || kind === 'name'
          ? null
          : kind;
    if (shownKind === null) {
      plain += text;
    } else {
      if (plain) yield { kind: 'plain', text: plain };
      plain = '';
      yield { kind: shownKind, text };
    }
  }
  if (plain) yield { kind: 'plain', text: plain };
}

/** Returns the distinct names of the statement's parameters, without :project, which comes from the path. */
export function parameters(sql) {
  const found = new Set();
  for (const { kind, text } of tokens(sql)) if (kind === 'parameter') found.add(text.slice(1));
  found.delete('project');
  return [...found];
}

/** Returns true if a statement that changes rows has no WHERE outside of parentheses. */
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

/** Returns true if a statement that changes rows has IGNORE. */
export function ignores(sql) {
  for (const { kind, text } of tokens(sql)) {
    const word = kind === 'keyword' ? text.toLowerCase() : null;
    if (word === 'ignore') return true;
    if (word && !['update', 'delete', 'insert'].includes(word)) return false;
  }
  return false;
}

/** Returns the statement with highlighted tokens. */
export const highlighted = (sql) =>
  Array.from(tokens(sql), ({ kind, text }) => (kind === 'plain' ? text : h('span', { class: `sql-${kind}` }, text)));
