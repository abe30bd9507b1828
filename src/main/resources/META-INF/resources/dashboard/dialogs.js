// The questions before a cancellation and an undo, of a batch or a chain.

import { h, tags, useState } from './dom.js';
import { t } from './texts.js';
import { newIdempotencyKey, post } from './api.js';
import { Dialog, ProblemBox, useRequest } from './parts.js';

const { div, p, button, input, label, fieldset, legend, span } = tags;

const ON_CONFLICT = ['skip', 'stop', 'overwrite'];

/**
 * @param isRunning whether there is a statement to abort
 * @param onCancel sends the request; receives whether to abort the statement
 */
export function CancelDialog({ title, detail, confirm, isRunning, onCancel, onClose }) {
  const { busy, problem, send } = useRequest();
  const [force, setForce] = useState(false);
  const cancel = async () => {
    if (await send('cancel', () => onCancel(force))) onClose();
  };
  return h(
    Dialog,
    {
      title,
      onClose,
      buttons: button(
        {
          type: 'button',
          class: 'danger',
          'data-testid': 'confirm-cancel',
          'aria-disabled': Boolean(busy),
          onClick: busy ? null : cancel,
        },
        confirm,
      ),
    },
    p(null, detail),
    isRunning &&
      label(
        { class: 'choice' },
        input({ type: 'checkbox', checked: force, onChange: (event) => setForce(event.target.checked) }),
        span(null, t('cancelForce')),
      ),
    problem && h(ProblemBox, { problem }),
  );
}

/**
 * @param path the path of the undo
 * @param mayQueue whether the undo can wait for the project
 * @param onUndone receives the response
 */
export function UndoDialog({ title, detail, path, mayQueue, onUndone, onClose }) {
  const { busy, problem, send } = useRequest();
  const [onConflict, setOnConflict] = useState('skip');
  const [key] = useState(newIdempotencyKey);
  const undo = async (onBusy) => {
    const response = await send('undo', () =>
      post(
        path,
        { onConflict, onBusy },
        { headers: { 'Idempotency-Key': [key, onConflict, onBusy].filter(Boolean).join('-') } },
      ),
    );
    if (response) onUndone(response);
  };
  return h(
    Dialog,
    {
      title,
      onClose,
      buttons: button(
        {
          type: 'button',
          class: 'primary',
          'data-testid': 'confirm-undo',
          'aria-disabled': Boolean(busy),
          onClick: busy ? null : () => undo(),
        },
        t('undoConfirm'),
      ),
    },
    p(null, detail),
    fieldset(
      null,
      legend(null, t('onConflict')),
      ON_CONFLICT.map((one) =>
        label(
          { class: 'choice', key: one },
          input({
            type: 'radio',
            name: 'on-conflict',
            value: one,
            checked: onConflict === one,
            onChange: () => setOnConflict(one),
          }),
          span(null, t(`onConflict.${one}`)),
        ),
      ),
    ),
    problem &&
      h(
        ProblemBox,
        { problem },
        mayQueue &&
          problem.type === 'project-busy' &&
          div({ class: 'buttons' }, button({ type: 'button', onClick: () => undo('queue') }, t('queueInstead'))),
      ),
  );
}
