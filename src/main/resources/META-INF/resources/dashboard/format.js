// Numbers, sizes and times as the reader's language writes them.

import { writeExact } from './exact.js';
import { locale, t } from './texts.js';

const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
const percents = new Intl.NumberFormat(locale, {
  style: 'percent',
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});
const moments = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' });
const clocks = new Intl.DateTimeFormat(locale, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const units = new Map();

function unit(name, digits = 0) {
  const key = name + digits;
  if (!units.has(key)) {
    units.set(
      key,
      new Intl.NumberFormat(locale, {
        style: 'unit',
        unit: name,
        unitDisplay: 'narrow',
        maximumFractionDigits: digits,
      }),
    );
  }
  return units.get(key);
}

export const number = (value) => whole.format(value);
export const compact = (value) => short.format(value);
export const percent = (value) => percents.format(value / 100);
export const rate = (value) => t('rowsPerSecond', { n: number(value) });
export const moment = (iso) => moments.format(new Date(iso));
export const clock = (millis) => clocks.format(millis);

/** The two largest units of a time in seconds: `1h 4m`. */
export function duration(seconds) {
  const left = Math.max(0, Math.round(seconds));
  const parts = [
    ['day', Math.floor(left / 86400)],
    ['hour', Math.floor(left / 3600) % 24],
    ['minute', Math.floor(left / 60) % 60],
    ['second', left % 60],
  ];
  const first = parts.findIndex(([, value]) => value > 0);
  if (first < 0) return unit('second').format(0);
  return parts
    .slice(first, first + 2)
    .filter(([, value]) => value > 0)
    .map(([name, value]) => unit(name).format(value))
    .join(' ');
}

export function millis(value) {
  return value < 1000
    ? unit('millisecond', value < 10 ? 1 : 0).format(value)
    : value < 10_000
      ? unit('second', 1).format(value / 1000)
      : duration(value / 1000);
}

export function bytes(value) {
  const names = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
  const step = value < 1 ? 0 : Math.min(names.length - 1, Math.floor(Math.log10(value) / 3));
  return unit(names[step], step === 0 ? 0 : 1).format(value / 1000 ** step);
}

/** `250,000 of 1,000,000 rows`, as far as the total is known. */
export function rowsDone({ rowsScanned, rowsTotal, totalExceeded }) {
  const n = number(rowsScanned);
  if (totalExceeded) return t('rowsExceeded', { n });
  return rowsTotal == null ? t('rowsUnknown', { n }) : t('rowsOf', { n, total: number(rowsTotal) });
}

/** Time left, or nothing to say. */
export const timeLeft = ({ etaSeconds }) => (etaSeconds == null ? '' : t('timeLeft', { time: duration(etaSeconds) }));

/** A place in the work: a key's columns, for statements a list, as it is or as JSON. */
export function cursor(given) {
  if (given === null || given === undefined) return t('cursorStart');
  if (Array.isArray(given)) return given.join(', ');
  try {
    const read = JSON.parse(given);
    return Array.isArray(read) ? read.join(', ') : String(given);
  } catch {
    return String(given);
  }
}

/** A value of a row or a parameter, as text. */
export function value(given) {
  if (given === null || given === undefined) return 'NULL';
  if (typeof given === 'string') return given;
  if (typeof given === 'object') return writeExact(given);
  return String(given);
}
