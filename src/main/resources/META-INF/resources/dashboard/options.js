// What most starts leave as it is: the manner of a batch and its bounds.

import { h, tags } from './dom.js';
import { t } from './texts.js';
import * as format from './format.js';
import { MORE, OWN_ZONE } from './draft.js';
import { Field, options, windowText } from './parts.js';
import { may } from './session.js';

const { details, summary, div, input, select, option, fieldset, legend, label, span } = tags;

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** `chunkRows` as `chunk-rows`. */
const dashed = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const isSet = (draft) => Object.keys(MORE).some((name) => draft[name].length > 0);

/** The hours in which it may run, unless the saved statement says so. */
function Hours({ draft, set, most }) {
  if (most) return div({ class: 'hint' }, t('window'), ' ', windowText(most));
  const field = (name, props) =>
    h(Field, { label: t(name) }, (given) =>
      input({
        ...given,
        autocomplete: 'off',
        value: draft[name],
        'data-testid': `start-${dashed(name)}`,
        onInput: (event) => set({ [name]: event.target.value }),
        ...props,
      }),
    );
  const turn = (day) =>
    set(({ windowDays: days }) => ({ windowDays: DAYS.filter((one) => (one === day) !== days.includes(one)) }));
  return fieldset(
    null,
    legend(null, t('window')),
    div(
      { class: 'form-grid' },
      field('windowFrom', { type: 'time' }),
      field('windowTo', { type: 'time' }),
      field('windowZone', { type: 'text', placeholder: OWN_ZONE }),
    ),
    div(
      { class: 'days' },
      DAYS.map((day) =>
        label(
          { class: 'choice', key: day },
          input({ type: 'checkbox', checked: draft.windowDays.includes(day), onChange: () => turn(day) }),
          span(null, t(`day.${day}`)),
        ),
      ),
    ),
  );
}

/**
 * @param most the bounds of the saved statement, which a start can only make narrower
 */
export function More({ draft, set, most }) {
  const text = (name, props = {}) =>
    h(Field, { label: t(name), hint: t.has(`${name}Hint`) ? t(`${name}Hint`) : null }, (field) =>
      input({
        ...field,
        type: 'text',
        inputmode: 'numeric',
        autocomplete: 'off',
        value: draft[name],
        'data-testid': `start-${dashed(name)}`,
        onInput: (event) => set({ [name]: event.target.value }),
        ...props,
      }),
    );
  const choice = (name, values) =>
    h(Field, { label: t(name) }, (field) =>
      select(
        {
          ...field,
          value: draft[name],
          'data-testid': `start-${dashed(name)}`,
          onChange: (event) => set({ [name]: event.target.value }),
        },
        option({ value: '' }, t('asConfigured')),
        options(values, (one) => t(`${name}.${one}`)),
      ),
    );
  const bound = (given) => (given == null ? undefined : t('atMost', { n: format.number(Number(given)) }));
  return details(
    { class: 'more-settings', open: isSet(draft) || undefined },
    summary({ 'data-testid': 'start-more' }, t(may('author') ? 'options' : 'optionsNoCheck')),
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
      text('maxRows', { placeholder: bound(most?.maxRows) }),
      text('maxDurationMillis', { placeholder: bound(most?.maxDurationMillis) }),
    ),
    h(Hours, { draft, set, most: most?.window }),
    // A check is SQL written by the caller, which only authors may send.
    may('author') &&
      h(Field, { label: t('check'), hint: t('checkHint') }, (field) =>
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
