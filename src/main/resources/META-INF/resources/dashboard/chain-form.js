// The form that starts a chain: its steps, their graph, and the plans of all steps.

import { h, tags, useEffect, useLayoutEffect, useMemo, useRef, useState } from './dom.js';
import { t } from './texts.js';
import * as format from './format.js';
import { get, newIdempotencyKey, poll, post } from './api.js';
import { writeExact } from './exact.js';
import { chainLink, go, link } from './router.js';
import { Field, Loading, ProblemBox, icon, useRequest } from './parts.js';
import { useStatements } from './saved.js';
import { Plan } from './plan.js';
import { StepGraph } from './graph.js';
import { StepFields, problemsOf, stepId } from './chain-step.js';
import {
  MOST_STEPS,
  chainRequest,
  draftOfChain,
  emptyChain,
  forgetChain,
  loadChain,
  saveChain,
  violationsOf,
  withStep,
  withoutStep,
} from './chain-draft.js';
import { may } from './session.js';

const { div, form, section, h1, h2, p, a, ul, li, button, input, span, strong, details, summary } = tags;

const focusStep = (key) => {
  const element = document.getElementById(stepId(key));
  (element?.querySelector('[aria-invalid=true]') ?? element)?.focus();
  element?.scrollIntoView({ block: 'start' });
};

/** Shows a step in the graph, as a button that leads to its fields. */
const Node = ({ step, problems, onOpen }) =>
  button(
    {
      type: 'button',
      class: problems.length ? 'step is-failed' : 'step',
      'data-testid': 'graph-step',
      'data-step': step.name,
      title: [step.name, ...problems].join('\n'),
      onClick: onOpen,
    },
    span({ class: 'step-name' }, step.name || '–'),
    span(
      { class: 'step-state' },
      problems.length ? [icon('warn'), span(null, t('problemsAt', { n: problems.length }))] : span(null, step.project || t('noProject')),
    ),
  );

const StepPlan = ({ step: { name, project, plan }, open }) =>
  details(
    { class: 'step-plan', open, 'data-testid': 'step-plan', 'data-step': name },
    summary(
      null,
      strong(null, name),
      ` ${project}`,
      plan.rowsMatching && ` · ${t('rowsMatchingN', { n: format.number(plan.rowsMatching.rows) })}`,
      plan.warnings.length > 0 &&
        span({ class: 'mark' }, ' ', icon('warn'), t('warningsN', { n: plan.warnings.length })),
    ),
    h(Plan, { plan }),
  );

/** Shows the violations, each as a button that leads to its step. */
const Violations = ({ steps, found, onOpen }) =>
  div(
    { class: 'problem', role: 'alert', 'data-testid': 'chain-problems' },
    strong(null, icon('warn'), t('correctSteps')),
    ul(
      null,
      found.chain.map(({ field, message }) => li({ key: field + message }, `${field}: ${message}`)),
      steps
        .filter(({ key }) => found[key])
        .map((step) =>
          li(
            { key: step.key },
            button({ type: 'button', class: 'plain-link', onClick: () => onOpen(step) }, step.name),
            `: ${t('problemsAt', { n: found[step.key].length })}`,
          ),
        ),
    ),
  );

function ChainForm({ initial }) {
  const [draft, setDraft] = useState(initial);
  const [submitted, setSubmitted] = useState(false);
  const [planned, setPlanned] = useState(null);
  const added = useRef(null);
  const statements = useStatements();
  const { busy, problem, send, clearProblem } = useRequest();
  const { steps } = draft;
  // A pending useEffect is dropped when the page is left.
  useLayoutEffect(() => saveChain(draft), [draft]);
  useEffect(() => {
    if (added.current !== null) focusStep(added.current);
    added.current = null;
  }, [steps.length]);

  const update = (change) => {
    setDraft((now) => ({ ...now, ...change(now) }));
    clearProblem();
  };
  const changeStep = (key, change) => {
    const apply = (step) => ({ ...step, ...(typeof change === 'function' ? change(step) : change) });
    const changed = ({ steps: all }) => ({ steps: all.map((step) => (step.key === key ? apply(step) : step)) });
    // Whether a step's fields are shown is no change of the chain.
    if ('open' in change) setDraft((now) => ({ ...now, ...changed(now) }));
    else update(changed);
  };
  const open = ({ key }) => {
    changeStep(key, { open: true });
    setTimeout(() => focusStep(key));
  };
  const add = () => {
    const next = withStep(steps);
    added.current = next.at(-1).key;
    // The empty fields of the new step are no mistakes yet.
    setSubmitted(false);
    update(() => ({ steps: next }));
  };
  const removeStep = (step) => update(({ steps: all }) => ({ steps: withoutStep(all, step) }));
  const clear = () => {
    setSubmitted(false);
    update(emptyChain);
  };

  const body = chainRequest(draft, statements);
  const text = writeExact(body);
  // A request that is repeated has the same key. Any change of the form is another request.
  const key = useMemo(newIdempotencyKey, [text]);
  const plan = planned?.of === text ? planned.plan : null;
  const found = violationsOf(steps, problem?.document.violations);
  const problems = new Map(steps.map((step) => [step.key, problemsOf(steps, step, statements, found[step.key])]));
  const isComplete = steps.every((step) => problemsOf(steps, step, statements).length === 0);

  const submit = async (action, request) => {
    setSubmitted(true);
    if (busy) return null;
    if (!isComplete) {
      open(steps.find((step) => problems.get(step.key).length > 0));
      return null;
    }
    return send(action, request);
  };
  const preview = async (event) => {
    event.preventDefault();
    setPlanned(null);
    const response = await submit('plan', () => post('chains/plans', body, { exact: ['steps'] }));
    if (response) setPlanned({ plan: response, of: text });
  };
  const start = async () => {
    const response = await submit('start', () => post('chains', body, { headers: { 'Idempotency-Key': key } }));
    if (!response) return;
    forgetChain();
    go(chainLink(response.id));
  };
  useEffect(() => {
    const wrong = steps.filter((step) => found[step.key]);
    wrong.forEach((step) => changeStep(step.key, { open: true }));
    if (wrong.length) setTimeout(() => focusStep(wrong[0].key));
  }, [problem]);

  if (!may('author') && !statements) return h(Loading);
  if (!may('author') && !statements.length) return p({ class: 'empty' }, t('noStatements'));
  return form(
    { onSubmit: preview, noValidate: true },
    h(Field, { label: t('chainNameOptional'), hint: t('chainNameHint') }, (field) =>
      input({
        ...field,
        class: 'chain-name',
        'data-testid': 'chain-name',
        value: draft.name,
        autocomplete: 'off',
        maxlength: 200,
        onInput: ({ target }) => update(() => ({ name: target.value })),
      }),
    ),
    section(
      { 'aria-labelledby': 'graph-title' },
      h2({ id: 'graph-title' }, t('graph')),
      h(StepGraph, {
        steps: steps.map((step) => ({ ...step, status: 'draft' })),
        label: t('graph'),
        node: (step) => h(Node, { step, problems: submitted ? problems.get(step.key) : [], onOpen: () => open(step) }),
      }),
    ),
    section(
      { 'aria-labelledby': 'steps-title', class: 'form-part' },
      h2({ id: 'steps-title' }, t('steps')),
      steps.map((step, place) =>
        h(StepFields, {
          key: step.key,
          steps,
          step,
          number: place + 1,
          statements,
          violations: found[step.key],
          submitted,
          change: changeStep,
          onRemove: removeStep,
        }),
      ),
      div(
        { class: 'buttons' },
        steps.length < MOST_STEPS
          ? button({ type: 'button', 'data-testid': 'step-add', onClick: add }, t('addStep'))
          : p({ class: 'hint' }, t('mostSteps', { n: MOST_STEPS })),
      ),
    ),
    problem?.document.violations
      ? h(Violations, { steps, found, onOpen: open })
      : problem && h(ProblemBox, { problem }),
    submitted && !isComplete && p({ class: 'fault', role: 'alert', 'data-testid': 'chain-incomplete' }, t('incompleteSteps')),
    div(
      { class: 'buttons' },
      button(
        { type: 'submit', class: plan ? '' : 'primary', 'data-testid': 'chain-plan', 'aria-disabled': busy === 'plan' },
        t('preview'),
      ),
      a({ class: 'button', href: link('chains') }, t('back')),
      button({ type: 'button', 'data-testid': 'chain-clear', onClick: clear }, t('clearForm')),
      span({ role: 'status', class: 'quiet-text' }, busy === 'plan' && t('planning')),
    ),
    plan &&
      section(
        { class: 'plan', 'data-testid': 'plan', 'aria-labelledby': 'plan-title' },
        h2({ id: 'plan-title' }, t('planOfChain')),
        p({ class: 'hint' }, t('planOfChainHint')),
        plan.steps.map((step) => h(StepPlan, { key: step.name, step, open: plan.steps.length === 1 })),
        div(
          { class: 'buttons start-now' },
          button(
            {
              type: 'button',
              class: 'primary',
              'data-testid': 'chain-start',
              'aria-disabled': busy === 'start',
              onClick: start,
            },
            t('startChain'),
          ),
        ),
      ),
  );
}

/** Loads the chain that is started again, and shows its form. */
function Copied({ id }) {
  const [state, setState] = useState({ initial: null, problem: null });
  useEffect(
    () =>
      poll(
        async () => {
          const chain = await get(`chains/${id}`);
          const batches = chain.steps.map(({ batch }) => get(`batches/${batch}`, { exact: ['parameters'] }));
          return draftOfChain(chain, await Promise.all(batches));
        },
        (initial) => setState({ initial, problem: null }),
        (problem) => setState({ initial: null, problem }),
      ),
    [id],
  );
  if (state.problem) return h(ProblemBox, { problem: state.problem });
  return state.initial ? h(ChainForm, { initial: state.initial }) : h(Loading);
}

export function ChainFormPage({ query: { copy } }) {
  useEffect(() => {
    document.title = `${t('newChain')} · Rowmill`;
  }, []);
  return div(
    { class: 'start chain-form' },
    h1(null, t('newChain')),
    may('operator')
      ? [
          p({ class: 'lead', key: 'lead' }, t('chainLead')),
          copy ? h(Copied, { key: copy, id: copy }) : h(ChainForm, { key: 'form', initial: loadChain() }),
        ]
      : p({ class: 'empty', 'data-testid': 'nothing-to-start' }, t('mayNotStart')),
  );
}
