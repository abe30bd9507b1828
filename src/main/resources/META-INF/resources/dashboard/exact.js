// JSON whose numbers lose nothing: a DECIMAL or a BIGINT may have more digits than a number here.

/** A number as it is written in JSON. */
export class Exact {
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

const LITERAL = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
export const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const MARK = '\ue000';

/** As JSON.parse, with an Exact for each number. */
export function readExact(text) {
  const marked = text.replace(LITERAL, (found) => (found[0] === '"' ? found : `"${MARK}${found}"`));
  return JSON.parse(marked, (_, value) =>
    typeof value === 'string' && value[0] === MARK ? new Exact(value.slice(1)) : value,
  );
}

/** As JSON.stringify, for values with an Exact in them. */
export function writeExact(value) {
  if (value instanceof Exact) return value.text;
  if (Array.isArray(value)) return `[${value.map(writeExact).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${writeExact(member)}`).join(',')}}`;
}
