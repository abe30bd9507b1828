// What can be done to a batch. What its state does not allow is not there.

import { h, tags, useEffect, useState } from './dom.js';
import { t } from './texts.js';
import * as format from './format.js';
import { fetched, newKey, patch, post, query } from './api.js';
import { may, session } from './session.js';
import { batchLink, go, link } from './router.js';
import { Dialog, FINAL, Field, Moment, ProblemBox, awaitsApproval, icon, useAsk } from './parts.js';

const { div, section, h2, p, a, button, input, label, fieldset, legend, form, span } = tags;

const CAN = {
  pause: new Set(['running', 'queued']),
  resume: new Set(['paused']),
  cancel: new Set(['running', 'queued', 'paused', 'waiting']),
};
const ON_CONFLICT = ['skip', 'stop', 'overwrite'];

/** Whether who looks may approve a batch that waits for it: somebody else than its starter. */
const approves = ({ approval, submittedBy }) =>
  may('author') && (session().name === null || session().name !== (approval.requestedBy ?? submittedBy));

function CancelDialog({ batch, change, onClose, onDone }) {
  const { busy, problem, ask } = useAsk();
  const [force, setForce] = useState(false);
  const cancel = async () => {
    const now = await ask('cancel', () =>
      change(() => post(`batches/${batch.id}/cancel${query({ force: force || '' })}`)),
    );
    if (now) onDone(now);
  };
  return h(
    Dialog,
    {
      title: t('cancelTitle', { id: batch.id }),
      onClose,
      buttons: button(
        {
          type: 'button',
          class: 'danger',
          'data-testid': 'confirm-cancel',
          'aria-disabled': Boolean(busy),
          onClick: busy ? null : cancel,
        },
        t('cancelConfirm'),
      ),
    },
    p(null, t('cancelDetail', { rows: format.number(batch.progress.rowsChanged) })),
    batch.status === 'running' &&
      label(
        { class: 'choice' },
        input({ type: 'checkbox', checked: force, onChange: (event) => setForce(event.target.checked) }),
        span(null, t('cancelForce')),
      ),
    problem && h(ProblemBox, { problem }),
  );
}

function UndoDialog({ batch, onClose }) {
  const { busy, problem, ask } = useAsk();
  const [onConflict, setOnConflict] = useState('skip');
  const [key] = useState(newKey);
  const undo = async (onBusy) => {
    const answer = await ask('undo', () =>
      post(
        `batches/${batch.id}/undo`,
        { onConflict, onBusy },
        { headers: { 'Idempotency-Key': [key, onConflict, onBusy].filter(Boolean).join('-') } },
      ),
    );
    if (answer) go(batchLink(answer.id));
  };
  return h(
    Dialog,
    {
      title: t('undoTitle', { id: batch.id }),
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
    p(
      null,
      t('undoDetail', { rows: format.number(batch.undo.rows) }),
      ' ',
      batch.undo.expiresAt && [t('undoUntil'), ' ', h(Moment, { at: batch.undo.expiresAt }), '.'],
    ),
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
        problem.type === 'project-busy' &&
          div({ class: 'buttons' }, button({ type: 'button', onClick: () => undo('queue') }, t('queueInstead'))),
      ),
  );
}

/** The rows that an undo left as they were, page by page, into one file. */
async function conflictsFile(id) {
  const parts = [];
  for (let path = `/api/v1/batches/${id}/conflicts?limit=500`; path;) {
    const { response, text } = await fetched('GET', path, { headers: { Accept: 'text/csv' } });
    parts.push(parts.length ? text.slice(text.indexOf('\n') + 1) : text);
    path = /<([^>]+)>; rel="next"/.exec(response.headers.get('Link') ?? '')?.[1];
  }
  const url = URL.createObjectURL(new Blob(parts, { type: 'text/csv' }));
  const anchor = document.createElement('a');
  Object.assign(anchor, { href: url, download: `conflicts-${id}.csv` });
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** What this page has asked a running batch to become; until it is, or is something else. */
function useWanted(status) {
  const [wanted, setWanted] = useState(null);
  useEffect(() => setWanted(null), [status]);
  return [wanted, setWanted];
}

export function Controls({ batch, change }) {
  const { busy, problem, ask } = useAsk();
  const [dialog, setDialog] = useState(null);
  const [wanted, setWanted] = useWanted(batch.status);
  const { status, undo, kind } = batch;
  const ended = FINAL.has(status);
  const again = kind === 'sql' && (may('author') || batch.statement != null);

  const act = async (name) => {
    const now = await ask(name, () => change(() => post(`batches/${batch.id}/${name}`)));
    if (now) setWanted(name === 'pause' && now.status === 'running' ? name : null);
  };
  const action = (name, onClick, kindOf) =>
    button(
      {
        type: 'button',
        class: kindOf,
        'data-testid': `action-${name}`,
        'aria-disabled': busy === name,
        onClick: busy ? null : onClick,
      },
      t(name),
    );

  const conflicts =
    batch.conflicts > 0 &&
    button(
      { type: 'button', onClick: () => ask('conflicts', () => conflictsFile(batch.id)) },
      t('conflicts', { n: format.number(batch.conflicts) }),
    );
  if (!may('operator')) {
    return (
      conflicts &&
      div({ class: 'controls' }, div({ class: 'buttons' }, conflicts), problem && h(ProblemBox, { problem }))
    );
  }
  return div(
    { class: 'controls' },
    div(
      { class: 'buttons' },
      awaitsApproval(batch) && approves(batch) && action('approve', () => act('approve'), 'primary'),
      // One after the other in the same place, so that who works by keyboard stays there.
      CAN.resume.has(status) || wanted === 'pause'
        ? action('resume', () => act('resume'), 'primary')
        : CAN.pause.has(status) && !wanted && action('pause', () => act('pause')),
      CAN.cancel.has(status) && action('cancel', () => setDialog('cancel'), 'danger'),
      ended && undo.available && action('undo', () => setDialog('undo')),
      ended && again && a({ class: 'button', href: link('start', { from: batch.id }) }, t('startAgain')),
      conflicts,
      wanted && span({ class: 'quiet-text', role: 'status' }, icon('queued'), t(`requested.${wanted}`)),
    ),
    problem && h(ProblemBox, { problem }),
    dialog === 'cancel' &&
      h(CancelDialog, {
        batch,
        change,
        onClose: () => setDialog(null),
        onDone: (now) => {
          setDialog(null);
          if (now.status === 'running') setWanted('cancel');
        },
      }),
    dialog === 'undo' && h(UndoDialog, { batch, onClose: () => setDialog(null) }),
  );
}

const given = (text) => (text.trim() === '' ? undefined : Number(text));

/** Chunk size and lanes of a batch that is not over; only what was typed is sent. */
export function Settings({ batch, change }) {
  const { busy, problem, ask } = useAsk();
  const [rows, setRows] = useState('');
  const [target, setTarget] = useState('');
  const [lanes, setLanes] = useState('');
  const [saved, setSaved] = useState(false);
  const settings = { chunk: { rows: given(rows), targetMillis: given(target) }, lanes: given(lanes) };
  if (settings.chunk.rows === undefined && settings.chunk.targetMillis === undefined) delete settings.chunk;
  const save = async (event) => {
    event.preventDefault();
    const now = busy ? null : await ask('save', () => change(() => patch(`batches/${batch.id}`, settings)));
    setSaved(Boolean(now));
    if (!now) return;
    setRows('');
    setTarget('');
    setLanes('');
  };
  const number = (name, text, set, testid, now, max) =>
    h(Field, { label: t(name) }, (props) =>
      input({
        ...props,
        type: 'number',
        inputmode: 'numeric',
        min: 1,
        max,
        'data-testid': testid,
        value: text,
        placeholder: now,
        onInput: (event) => {
          set(event.target.value);
          setSaved(false);
        },
      }),
    );
  return section(
    { 'aria-labelledby': 'settings-title' },
    h2({ id: 'settings-title' }, t('settings')),
    form(
      { class: 'settings', onSubmit: save, noValidate: true },
      number('chunkRows', rows, setRows, 'chunk-rows', batch.chunk.rows, 100_000),
      number('chunkTarget', target, setTarget, 'chunk-target', batch.chunk.targetMillis ?? '–', 60_000),
      number('lanes', lanes, setLanes, 'chunk-lanes', batch.lanes, 16),
      button({ type: 'submit', 'data-testid': 'chunk-save', 'aria-disabled': Boolean(busy) }, t('save')),
    ),
    span({ role: 'status', class: 'hint' }, saved && t('saved')),
    problem && h(ProblemBox, { problem }),
  );
}
