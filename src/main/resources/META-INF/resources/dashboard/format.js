// Formats numbers, sizes and times in the language of the browser.

import { writeExact } from './exact.js';
import { locale, t } from './texts.js';

const wholeNumbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const compactNumbers = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
const percents = new Intl.NumberFormat(locale, {
  style: 'percent',
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});
const dateTimes = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' });
const times = new Intl.DateTimeFormat(locale, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const unitFormats = new Map();

function unitFormat(name, digits = 0) {
  const key = name + digits;
  if (!unitFormats.has(key)) {
    unitFormats.set(
      key,
      new Intl.NumberFormat(locale, {
        style: 'unit',
        unit: name,
        unitDisplay: 'narrow',
        maximumFractionDigits: digits,
      }),
    );
  }
  return unitFormats.get(key);
}

export const number = (value) => wholeNumbers.format(value);
export const compact = (value) => compactNumbers.format(value);
export const percent = (value) => percents.format(value / 100);
export const rate = (value) => t('rowsPerSecond', { n: number(value) });
export const dateTime = (iso) => dateTimes.format(new Date(iso));
export const time = (millis) => times.format(millis);

/** Formats a moment with its weekday in a time zone; in the browser's if it does not know the zone. */
export function inZone(iso, zone) {
  const at = new Date(iso);
  const parts = {
    weekday: 'short',
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: at.getSeconds() ? '2-digit' : undefined,
    hourCycle: 'h23',
  };
  try {
    return new Intl.DateTimeFormat(locale, { ...parts, timeZone: zone }).format(at);
  } catch {
    return new Intl.DateTimeFormat(locale, parts).format(at);
  }
}

/** Formats a time in seconds with its two largest units: `1h 4m`. */
export function duration(seconds) {
  const left = Math.max(0, Math.round(seconds));
  const parts = [
    ['day', Math.floor(left / 86400)],
    ['hour', Math.floor(left / 3600) % 24],
    ['minute', Math.floor(left / 60) % 60],
    ['second', left % 60],
  ];
  const first = parts.findIndex(([, value]) => value > 0);
  if (first < 0) return unitFormat('second').format(0);
  return parts
    .slice(first, first + 2)
    .filter(([, value]) => value > 0)
    .map(([name, value]) => unitFormat(name).format(value))
    .join(' ');
}

export function millis(value) {
  return value < 1000
    ? unitFormat('millisecond', value < 10 ? 1 : 0).format(value)
    : value < 10_000
      ? unitFormat('second', 1).format(value / 1000)
      : duration(value / 1000);
}

export function bytes(value) {
  const names = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
  const step = value < 1 ? 0 : Math.min(names.length - 1, Math.floor(Math.log10(value) / 3));
  return unitFormat(names[step], step === 0 ? 0 : 1).format(value / 1000 ** step);
}

/** Returns `250,000 of 1,000,000 rows`, or less if the total is unknown. */
export function rowsDone({ rowsScanned, rowsTotal, totalExceeded }) {
  const n = number(rowsScanned);
  if (totalExceeded) return t('rowsExceeded', { n });
  return rowsTotal == null ? t('rowsUnknown', { n }) : t('rowsOf', { n, total: number(rowsTotal) });
}

/** Returns the time left, or an empty text. */
export const timeLeft = ({ etaSeconds }) => (etaSeconds == null ? '' : t('timeLeft', { time: duration(etaSeconds) }));

/** Formats a cursor. For statements it is the list of the key's values, as an array or as JSON text. */
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

/** Formats a value of a row or a parameter. */
export function value(given) {
  if (given === null || given === undefined) return 'NULL';
  if (typeof given === 'string') return given;
  if (typeof given === 'object') return writeExact(given);
  return String(given);
}
