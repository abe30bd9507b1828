// The fields of one step in the form of a chain.

import { h, tags } from './dom.js';
import { t } from './texts.js';
import { Field, errorsIn, icon } from './parts.js';
import { ProjectField, ReasonField, WorkFields, missingIn, workOf } from './work.js';
import { StartOptions } from './options.js';
import { dependsOn, nameError } from './chain-draft.js';

const { div, section, h3, p, button, input, label, fieldset, legend, span } = tags;

/** Maps what is missing to the field at which it is shown. */
const MISSING_AT = {
  missingProject: 'project',
  missingSql: 'sql',
  missingSelect: 'select',
  missingStatement: 'statement',
};

/** Returns a problem of a whole step without the code at its beginning. */
const withoutCode = (message) => message.replace(/^[a-z-]+: /, '');

/** Returns the element id of a step's fields, to which the graph leads. */
export const stepId = (key) => `step-${key}`;

/** Returns what is wrong with a step, each as a text: what is missing, and the violations. */
export function problemsOf(steps, step, statements, violations = []) {
  const name = nameError(steps, step);
  return [
    ...(name ? [t(name)] : []),
    ...missingIn(step, workOf(step, statements)).map((one) => t(one)),
    ...violations.map(({ field, message }) => (field ? `${field}: ${message}` : withoutCode(message))),
  ];
}

/** Shows the other steps as check boxes. Those that need this step can't be chosen. */
function Needs({ steps, step, set, error }) {
  const others = steps.filter(({ key }) => key !== step.key);
  if (!others.length) return null;
  const toggle = (key) =>
    set(({ needs }) => ({ needs: needs.includes(key) ? needs.filter((one) => one !== key) : [...needs, key] }));
  return fieldset(
    { class: 'needs-of' },
    legend(null, t('needsAfter')),
    div(
      { class: 'days' },
      others.map(({ key, name }) => {
        const follows = dependsOn(steps, key, step.key);
        return label(
          { class: 'choice', key },
          input({
            type: 'checkbox',
            'data-testid': 'step-need',
            'data-name': name,
            checked: step.needs.includes(key),
            disabled: follows,
            onChange: () => toggle(key),
          }),
          span({ class: follows ? 'quiet-text' : null }, follows ? t('runsAfterThis', { name }) : name),
        );
      }),
    ),
    error ? span({ class: 'fault' }, error) : step.needs.length === 0 && span({ class: 'hint' }, t('startsAtOnce')),
  );
}

/**
 * @param violations what the service says about the step, by paths inside of it
 * @param submitted whether to show what is missing
 */
export function StepFields({ steps, step, number, statements, violations = [], submitted, change, onRemove }) {
  const set = (changed) => change(step.key, changed);
  const statement = workOf(step, statements);
  const missing = submitted ? missingIn(step, statement) : [];
  const errors = (path) => {
    const missed = missing.find((one) => MISSING_AT[one] === path);
    return missed ? t(missed) : errorsIn(violations)(path);
  };
  const others = missing.filter((one) => !MISSING_AT[one]).map((one) => t(one));
  const ofStep = violations.filter(({ field }) => field === '').map(({ message }) => message);
  const lacksWhere = ofStep.some((message) => message.startsWith('whole-table: '));
  const wrongName = nameError(steps, step);
  const count = problemsOf(steps, step, statements, violations).length;
  return section(
    {
      class: 'chain-step',
      id: stepId(step.key),
      tabindex: -1,
      'data-testid': 'step-fields',
      'data-name': step.name,
      'aria-labelledby': `${stepId(step.key)}-title`,
    },
    div(
      { class: 'section-head' },
      h3({ id: `${stepId(step.key)}-title` }, t('stepNumber', { n: number }), step.name && `: ${step.name}`),
      !step.open && span({ class: 'quiet-text' }, step.project, ' ', step.task || step.statement || step.sql),
      submitted && count > 0 && span({ class: 'fault' }, icon('warn'), t('problemsAt', { n: count })),
      div(
        { class: 'buttons' },
        button(
          {
            type: 'button',
            'data-testid': 'step-toggle',
            'aria-expanded': String(step.open),
            onClick: () => set({ open: !step.open }),
          },
          t(step.open ? 'collapse' : 'expand'),
        ),
        steps.length > 1 &&
          button(
            {
              type: 'button',
              'data-testid': 'step-remove',
              'aria-label': t('removeStep', { name: step.name }),
              onClick: () => onRemove(step),
            },
            t('remove'),
          ),
      ),
    ),
    step.open && [
      div(
        { class: 'form-grid', key: 'who' },
        h(Field, { label: t('stepName'), hint: t('nameHint'), error: wrongName ? t(wrongName) : errors('name') }, (field) =>
          input({
            ...field,
            'data-testid': 'step-name',
            value: step.name,
            autocomplete: 'off',
            spellcheck: false,
            maxlength: 64,
            onInput: (event) => set({ name: event.target.value }),
          }),
        ),
        h(ProjectField, { draft: step, set, error: errors('project') }),
        h(ReasonField, { draft: step, set, error: errors('reason') }),
      ),
      h(Needs, { key: 'needs', steps, step, set, error: errors('needs') }),
      h(WorkFields, {
        key: 'work',
        draft: step,
        set,
        statements,
        problem: lacksWhere ? { type: 'whole-table' } : null,
        errors,
      }),
      h(StartOptions, {
        key: 'options',
        draft: step,
        set,
        bounds: statement?.isTask ? undefined : statement,
        errors,
        withoutTime: true,
      }),
    ],
    (others.length > 0 || ofStep.length > 0) &&
      div(
        { class: 'problem', role: 'alert', 'data-testid': 'step-problem' },
        [...others, ...ofStep.map(withoutCode)].map((text) => p({ key: text }, text)),
        lacksWhere && p(null, t('wholeTableHint')),
      ),
  );
}
