// The draft in the form of a chain, and the request that it results in.

import { EMPTY_DRAFT, draftOf, planRequest, withoutSecrets } from './draft.js';
import { workOf } from './work.js';

const STORAGE_KEY = 'rowmill.chain';
const STEP_NAME = /^[\w.-]{1,64}$/;

/** The most steps that a chain can have. */
export const MOST_STEPS = 100;

/** Returns the steps with another one, which needs the last one and is in the same project. */
export function withStep(steps) {
  const last = steps.at(-1);
  const taken = new Set(steps.map(({ name }) => name));
  let number = steps.length + 1;
  while (taken.has(`step-${number}`)) number += 1;
  const step = {
    ...EMPTY_DRAFT,
    key: Math.max(0, ...steps.map(({ key }) => key)) + 1,
    name: `step-${number}`,
    project: last?.project ?? '',
    needs: last ? [last.key] : [],
    open: true,
  };
  return [...steps, step];
}

/** Returns the steps without one. What needed it needs what it needed. */
export const withoutStep = (steps, gone) =>
  steps
    .filter(({ key }) => key !== gone.key)
    .map((step) =>
      step.needs.includes(gone.key)
        ? { ...step, needs: [...new Set([...step.needs.filter((key) => key !== gone.key), ...gone.needs])] }
        : step,
    );

/** Returns true if a step needs another one, directly or through others. Both are given by their keys. */
export function dependsOn(steps, key, other) {
  const needs = steps.find((step) => step.key === key)?.needs ?? [];
  return needs.some((need) => need === other || dependsOn(steps, need, other));
}

export const emptyChain = () => ({ name: '', steps: withStep(withStep([])) });

/** Loads the form as it was left in this tab. */
export function loadChain() {
  try {
    return JSON.parse(sessionStorage.getItem(STORAGE_KEY)) ?? emptyChain();
  } catch {
    return emptyChain();
  }
}

/** Stores the form without secret values. */
export const saveChain = (draft) =>
  sessionStorage.setItem(STORAGE_KEY, JSON.stringify({ ...draft, steps: draft.steps.map(withoutSecrets) }));

export const forgetChain = () => sessionStorage.removeItem(STORAGE_KEY);

/** Returns the form that starts a chain again, from its steps' batches in their order. */
export function draftOfChain(chain, batches) {
  const keys = new Map(chain.steps.map(({ name }, place) => [name, place + 1]));
  return {
    name: chain.name ?? '',
    steps: chain.steps.map(({ name, needs }, place) => ({
      ...draftOf(batches[place]),
      key: keys.get(name),
      name,
      needs: needs.map((need) => keys.get(need)),
      open: false,
    })),
  };
}

/** Returns the text key of the error in a step's name, or null. */
export function nameError(steps, { key, name }) {
  if (!STEP_NAME.test(name)) return 'invalidName';
  return steps.some((other) => other.key !== key && other.name === name) ? 'stepNameTaken' : null;
}

/** Returns the request that plans or starts the chain. */
export function chainRequest({ name, steps }, statements) {
  const names = new Map(steps.map((step) => [step.key, step.name]));
  return {
    name: name.trim() || undefined,
    steps: steps.map((step) => ({
      name: step.name,
      project: step.project.trim(),
      needs: step.needs.length ? step.needs.map((key) => names.get(key)) : undefined,
      ...planRequest({ ...step, startAt: '', after: '' }, workOf(step, statements)),
    })),
  };
}

/**
 * Assigns the violations of a problem to the steps.
 *
 * @return the violations of each step by its key, with paths inside of the step, and the others as `chain`
 */
export function violationsOf(steps, violations = []) {
  const found = { chain: [] };
  for (const { field, message } of violations) {
    // A name may contain dots, so the longest name counts.
    const [step] = steps
      .filter(({ name }) => field === `steps.${name}` || field.startsWith(`steps.${name}.`))
      .sort((one, other) => other.name.length - one.name.length);
    if (!step) {
      found.chain.push({ field, message });
      continue;
    }
    found[step.key] ??= [];
    found[step.key].push({ field: field.slice(`steps.${step.name}.`.length), message });
  }
  return found;
}
