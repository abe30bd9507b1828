// The optional settings of a start.

import { h, tags } from './dom.js';
import { t } from './texts.js';
import * as format from './format.js';
import { NO_OPTIONS, LOCAL_ZONE } from './draft.js';
import { Field, options, windowText } from './parts.js';
import { may } from './session.js';

const { details, summary, div, input, select, option, fieldset, legend, label, span } = tags;

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** Converts `chunkRows` to `chunk-rows`. */
const kebabCase = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Maps fields to the paths of their members in a request, where these differ. */
const PATHS = {
  chunkRows: 'chunk.rows',
  chunkTarget: 'chunk.targetMillis',
  rowsPerSecondLimit: 'limits.rowsPerSecond',
  nice: 'limits.nice',
  maxSkipped: 'onError',
};
const MEMBERS = ['mode', 'undo', 'lanes', 'chunk', 'limits', 'maxRows', 'maxDurationMillis', 'onError', 'window', 'check', 'canaryChunks', 'labels', 'after', 'startAt'];

const isSet = (draft) => Object.keys(NO_OPTIONS).some((name) => draft[name].length > 0);

/** Shows the fields of the time window, or the window of the saved statement. */
function WindowFields({ draft, set, bounds, errors }) {
  if (bounds) return div({ class: 'hint' }, t('window'), ' ', windowText(bounds));
  const field = (name, props) =>
    h(Field, { label: t(name), error: errors(`window.${name.slice(6).toLowerCase()}`) }, (given) =>
      input({
        ...given,
        autocomplete: 'off',
        value: draft[name],
        'data-testid': `start-${kebabCase(name)}`,
        onInput: (event) => set({ [name]: event.target.value }),
        ...props,
      }),
    );
  const toggle = (day) =>
    set(({ windowDays: days }) => ({ windowDays: DAYS.filter((one) => (one === day) !== days.includes(one)) }));
  return fieldset(
    null,
    legend(null, t('window')),
    div(
      { class: 'form-grid' },
      field('windowFrom', { type: 'time' }),
      field('windowTo', { type: 'time' }),
      field('windowZone', { type: 'text', placeholder: LOCAL_ZONE }),
    ),
    div(
      { class: 'days' },
      DAYS.map((day) =>
        label(
          { class: 'choice', key: day },
          input({ type: 'checkbox', checked: draft.windowDays.includes(day), onChange: () => toggle(day) }),
          span(null, t(`day.${day}`)),
        ),
      ),
    ),
  );
}

/**
 * @param bounds the bounds of the saved statement, which a start can only make narrower
 * @param errors returns the message about a member, by its path
 * @param withoutTime whether it has no time and waits for no batches, as the start of a schedule and a step of a chain
 */
export function StartOptions({ draft, set, bounds, errors, withoutTime }) {
  const at = (name) => errors(PATHS[name] ?? name);
  const text = (name, props = {}) =>
    h(Field, { label: t(name), hint: t.has(`${name}Hint`) ? t(`${name}Hint`, { zone: LOCAL_ZONE }) : null, error: at(name) }, (field) =>
      input({
        ...field,
        type: 'text',
        inputmode: 'numeric',
        autocomplete: 'off',
        value: draft[name],
        'data-testid': `start-${kebabCase(name)}`,
        onInput: (event) => set({ [name]: event.target.value }),
        ...props,
      }),
    );
  const choice = (name, values, texts = name, preset) =>
    h(Field, { label: t(name), error: at(name) }, (field) =>
      select(
        {
          ...field,
          value: draft[name] || preset || '',
          'data-testid': `start-${kebabCase(name)}`,
          onChange: (event) => set({ [name]: event.target.value }),
        },
        preset ? null : option({ value: '' }, t('asConfigured')),
        options(values, (one) => t(`${texts}.${one}`)),
      ),
    );
  const limitHint = (given) => (given == null ? undefined : t('atMost', { n: format.number(Number(given)) }));
  return details(
    { class: 'more-settings', open: isSet(draft) || MEMBERS.some(errors) || undefined },
    summary({ 'data-testid': 'start-more' }, t(withoutTime ? 'optionsWithoutTime' : may('author') ? 'options' : 'optionsNoCheck')),
    div(
      { class: 'form-grid' },
      choice('mode', ['parallel', 'serial']),
      choice('undo', ['true', 'false']),
      text('lanes'),
      text('chunkRows'),
      text('chunkTarget'),
      text('rowsPerSecondLimit', {
        value: draft.rowsPerSecond,
        onInput: (event) => set({ rowsPerSecond: event.target.value }),
      }),
      text('nice', { inputmode: 'decimal' }),
      text('maxRows', { placeholder: limitHint(bounds?.maxRows) }),
      text('maxSkipped', { inputmode: 'text' }),
      !withoutTime && text('startAt', { type: 'datetime-local', inputmode: undefined }),
      text('maxDurationMillis', { placeholder: limitHint(bounds?.maxDurationMillis) }),
    ),
    div(
      { class: 'form-grid' },
      !withoutTime && text('after'),
      !withoutTime && draft.after.trim() !== '' && choice('afterOn', ['succeeded', 'ended', 'failed'], 'on', 'succeeded'),
      text('labels', { inputmode: 'text' }),
    ),
    h(WindowFields, { draft, set, bounds: bounds?.window, errors }),
    // A check is SQL written by the caller, which only authors may send.
    may('author') &&
      h(Field, { label: t('check'), hint: t('checkHint'), error: at('check') }, (field) =>
        input({
          ...field,
          type: 'text',
          class: 'code',
          autocomplete: 'off',
          spellcheck: false,
          value: draft.check,
          'data-testid': 'start-check',
          onInput: (event) => set({ check: event.target.value }),
        }),
      ),
    may('author') && draft.check.trim() !== '' && text('canaryChunks'),
  );
}
