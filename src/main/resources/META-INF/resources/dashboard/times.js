// When a schedule fires: its fields, and its next firings.

import { h, tags } from './dom.js';
import { t } from './texts.js';
import * as format from './format.js';
import { LOCAL_ZONE } from './draft.js';
import { Field, options } from './parts.js';

const { div, fieldset, legend, label, input, select, span, ul, li, time } = tags;

const KINDS = ['day', 'week', 'month', 'every', 'cron'];
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const SECONDS = { S: 1, M: 60, H: 3600, D: 86_400 };

export const NO_TIMES = {
  kind: 'day',
  time: '02:30',
  days: ['mon'],
  day: '1',
  amount: '1',
  unit: 'H',
  cron: '30 2 * * *',
};

/** Returns the zones that the browser knows, with those that are given. */
const zones = (...given) => [...new Set([...given, 'UTC', ...(Intl.supportedValuesOf?.('timeZone') ?? [])])].sort();

/** Returns the members of a schedule that say when it fires. */
export function timesMembers({ kind, time: at, days, day, amount, unit, cron }) {
  if (kind === 'cron') return { cron };
  if (kind === 'every') return { every: unit === 'D' ? `P${amount.trim()}D` : `PT${amount.trim()}${unit}` };
  const [hour, minute] = at.split(':').map(Number);
  const onDays = kind === 'week' ? DAYS.filter((one) => days.includes(one)).join(',') : '*';
  return { cron: `${minute} ${hour} ${kind === 'month' ? day : '*'} * ${onDays}` };
}

/** Returns the seconds of an ISO 8601 duration of days and less. */
function seconds(every) {
  const [, ...parts] = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/i.exec(every) ?? [];
  return ['D', 'H', 'M', 'S'].reduce((sum, unit, i) => sum + Number(parts[i] ?? 0) * SECONDS[unit], 0);
}

/** Returns the fields of a schedule that is stored. */
export function timesOf({ cron, every }) {
  if (every) {
    const all = seconds(every);
    const unit = ['D', 'H', 'M', 'S'].find((one) => all % SECONDS[one] === 0);
    return { ...NO_TIMES, kind: 'every', amount: String(all / SECONDS[unit]), unit };
  }
  const [, minute, hour, day, days] =
    /^(\d{1,2}) (\d{1,2}) (\*|\d{1,2}) \* (\*|(?:mon|tue|wed|thu|fri|sat|sun)(?:,\w{3})*)$/i.exec(cron) ?? [];
  if (minute === undefined || (day !== '*' && days !== '*')) return { ...NO_TIMES, kind: 'cron', cron };
  const shared = { ...NO_TIMES, cron, time: `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}` };
  if (days !== '*') return { ...shared, kind: 'week', days: days.toLowerCase().split(',') };
  return day === '*' ? { ...shared, kind: 'day' } : { ...shared, kind: 'month', day };
}

/** Returns in words when a schedule fires. */
export function timesText(schedule) {
  const { kind, time: at, days, day, amount, unit } = timesOf(schedule);
  const text =
    kind === 'cron'
      ? schedule.cron
      : t(`fires.${kind}`, {
          time: at,
          day,
          days: days.map((one) => t(`day.${one}`)).join(', '),
          interval: `${amount} ${t(`every.${unit}`)}`,
        });
  return kind === 'every' ? text : `${text} · ${schedule.zone}`;
}

/** Shows firings in the zone of their schedule, and in the browser's where that differs. */
export const FiringTimes = ({ items, zone }) =>
  ul(
    { 'data-testid': 'schedule-next', class: 'firing-times' },
    items.map((at) => {
      const local = format.inZone(at, LOCAL_ZONE);
      const shown = format.inZone(at, zone);
      return li(
        { key: at },
        time({ dateTime: at, title: at }, shown),
        local !== shown && span({ class: 'quiet-text' }, ' ', t('inYourZone', { time: local })),
      );
    }),
  );

/** Shows the fields of when a schedule fires. */
export function TimesFields({ times, zone, set, errors }) {
  const { kind, days, unit } = times;
  const change = (members) => set({ times: { ...times, ...members } });
  const field = (name, text, props, more = {}) =>
    h(Field, { label: t(text), ...more }, (given) =>
      input({
        ...given,
        'data-testid': `times-${name}`,
        autocomplete: 'off',
        value: times[name],
        onInput: (event) => change({ [name]: event.target.value }),
        ...props,
      }),
    );
  const error = errors('cron') || errors('every');
  return fieldset(
    null,
    legend({ class: 'title' }, t('whenTitle')),
    div(
      { class: 'form-grid times' },
      h(Field, { label: t('firesHow') }, (given) =>
        select(
          { ...given, 'data-testid': 'times-kind', value: kind, onChange: ({ target }) => change({ kind: target.value }) },
          options(KINDS, (one) => t(`firesHow.${one}`)),
        ),
      ),
      kind === 'month' &&
        h(Field, { label: t('dayOfMonth'), hint: Number(times.day) > 28 ? t('shortMonths', { day: times.day }) : null }, (given) =>
          select(
            { ...given, 'data-testid': 'times-day', value: times.day, onChange: ({ target }) => change({ day: target.value }) },
            options(Array.from({ length: 31 }, (_, i) => String(i + 1)), (one) => one),
          ),
        ),
      ['day', 'week', 'month'].includes(kind) && field('time', 'timeOfDay', { type: 'time', required: true }, { error }),
      kind === 'every' &&
        field('amount', 'everyAmount', { inputmode: 'numeric' }, { error: error && t('invalidAmount'), hint: t('everyHint') }),
      kind === 'every' &&
        h(Field, { label: t('everyUnit') }, (given) =>
          select(
            { ...given, 'data-testid': 'times-unit', value: unit, onChange: ({ target }) => change({ unit: target.value }) },
            options(unit === 'S' ? ['S', 'M', 'H', 'D'] : ['M', 'H', 'D'], (one) => t(`every.${one}`)),
          ),
        ),
      kind === 'cron' && field('cron', 'cron', { class: 'code', spellcheck: false }, { error, hint: t('cronHint') }),
      h(Field, { label: t('windowZone'), error: errors('zone') }, (given) =>
        select(
          { ...given, 'data-testid': 'times-zone', value: zone, onChange: ({ target }) => set({ zone: target.value }) },
          options(zones(zone, LOCAL_ZONE), (one) => (one === LOCAL_ZONE ? t('yourZone', { zone: one }) : one)),
        ),
      ),
    ),
    kind === 'week' &&
      div(
        { class: 'days', role: 'group', 'aria-label': t('onDays') },
        DAYS.map((day) =>
          label(
            { class: 'choice', key: day },
            input({
              type: 'checkbox',
              'data-testid': `times-${day}`,
              checked: days.includes(day),
              onChange: () => change({ days: DAYS.filter((one) => (one === day) !== days.includes(one)) }),
            }),
            span(null, t(`day.${day}`)),
          ),
        ),
        days.length === 0 && span({ class: 'fault' }, t('missingDays')),
      ),
  );
}
