// The parameters of tasks as rules, in the form of those of saved statements.

const TYPES = { integer: 'integer', number: 'decimal', boolean: 'boolean', string: 'text' };
const FORMATS = { date: 'date', 'date-time': 'datetime' };

/** Returns the rules of a task's parameters, from their JSON Schema. */
export function rulesOf({ parameters: schema }) {
  const required = new Set(schema.required ?? []);
  return Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([name, property]) => {
      const list = [property.type].flat().includes('array');
      const { type, format, minimum, maximum, maxLength, enum: allowed } = list ? (property.items ?? {}) : property;
      const named = [type].flat().find((one) => one !== 'null');
      return [
        name,
        {
          type: (named === 'string' && FORMATS[format]) || TYPES[named] || 'json',
          list,
          minimum,
          maximum,
          maxLength,
          allowed,
          optional: !required.has(name),
        },
      ];
    }),
  );
}
