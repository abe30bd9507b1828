// Parameters that are relative to a firing: `{"now": "-P90D", "precision": "day"}`.

import { h, tags } from './dom.js';
import { t } from './texts.js';
import { Field, options } from './parts.js';
import * as format from './format.js';

const { div, code, input, select } = tags;

/** Units of a duration, by their letters in ISO 8601. `iso` stands for a duration of several units. */
const UNITS = ['TM', 'TH', 'D', 'W', 'M', 'Y', 'iso'];
const PRECISIONS = ['second', 'minute', 'hour', 'day', 'month', 'year'];

export const NO_RELATIVE = { amount: '1', unit: 'D', sign: '-', precision: 'day' };

export const isRelative = (value) => value !== null && typeof value === 'object' && 'now' in value;

/** Returns the text key of the error in a relative time, or null. */
export const relativeError = ({ amount, unit }) => (unit === 'iso' || /^\d{1,6}$/.test(amount.trim()) ? null : 'invalidAmount');

/** Returns a relative time as a member of a request. */
export function relativeMember({ amount, unit, sign, precision }) {
  const given = amount.trim();
  const duration = unit[0] === 'T' ? `PT${given}${unit[1]}` : `P${given}${unit}`;
  return { now: unit === 'iso' ? given : `${sign}${duration}`, precision };
}

/** Returns the fields of a relative time that a request has. */
export function relativeOf({ now, precision = 'second' }) {
  const [, sign, amount, unit, timeAmount, timeUnit] = /^([+-]?)P(?:(\d+)([YMWD])|T(\d+)([HM]))$/.exec(now) ?? [];
  if (amount === undefined && timeAmount === undefined) return { amount: String(now), unit: 'iso', sign: '', precision };
  return { amount: amount ?? timeAmount, unit: unit ?? `T${timeUnit}`, sign: sign === '-' ? '-' : '', precision };
}

/**
 * @param result the value at the next firing, once it is known
 */
export function RelativeField({ name, value, onChange, result, error }) {
  const wrong = relativeError(value);
  const shown = result && (typeof result === 'object' ? Object.values(result)[0] : result);
  const choice = (member, values, text) =>
    select(
      {
        'aria-label': t(`relative.${member}`, { name }),
        'data-testid': `relative-${member}`,
        'data-name': name,
        value: value[member],
        onChange: (event) => onChange({ ...value, [member]: event.target.value }),
      },
      options(values, text),
    );
  return h(
    Field,
    {
      label: code(null, `:${name}`),
      error: error || (wrong && t(wrong)),
      hint: shown ? t('relativeResult', { value: /T\d/.test(shown) ? format.dateTime(shown) : shown }) : null,
    },
    (props) =>
      div(
        { class: 'relative' },
        input({
          ...props,
          class: value.unit === 'iso' ? undefined : 'amount',
          inputmode: value.unit === 'iso' ? undefined : 'numeric',
          autocomplete: 'off',
          'data-testid': 'relative-amount',
          'data-name': name,
          value: value.amount,
          onInput: (event) => onChange({ ...value, amount: event.target.value }),
        }),
        choice('unit', UNITS, (one) => t(`unit.${one}`)),
        value.unit !== 'iso' && choice('sign', ['-', ''], (one) => t(one === '-' ? 'beforeFiring' : 'afterFiring')),
        choice('precision', PRECISIONS, (one) => t(`cutTo.${one}`)),
      ),
  );
}
