// JSON with exact numbers: a DECIMAL or BIGINT may have more digits than a JavaScript number.

/** Holds a number as it is written in JSON. */
export class ExactNumber {
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
export const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const NUMBER_PREFIX = '\ue000';

/** Parses JSON like JSON.parse, with an ExactNumber for each number. */
export function readExact(text) {
  const prefixed = text.replace(TOKEN, (found) => (found[0] === '"' ? found : `"${NUMBER_PREFIX}${found}"`));
  return JSON.parse(prefixed, (_, value) =>
    typeof value === 'string' && value[0] === NUMBER_PREFIX ? new ExactNumber(value.slice(1)) : value,
  );
}

/** Writes JSON like JSON.stringify, for values that contain ExactNumbers. */
export function writeExact(value) {
  if (value instanceof ExactNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(writeExact).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${writeExact(member)}`).join(',')}}`;
}
