// The controls of a batch. Only actions that its status allows are shown.

import { h, tags, useEffect, useState } from './dom.js';
import { t } from './texts.js';
import * as format from './format.js';
import { fetchText, get, patch, post, query } from './api.js';
import { CancelDialog, UndoDialog } from './dialogs.js';
import { LOCAL_ZONE, localTime, moment } from './draft.js';
import { may, session } from './session.js';
import { batchLink, go, link } from './router.js';
import { ParameterFields, isComplete, requestValues } from './saved.js';
import { Dialog, FINAL_STATUSES, Field, ProblemBox, awaitsApproval, icon, pendingOf, useRequest } from './parts.js';

const { div, section, h2, p, a, button, input, label, form, span } = tags;

const ALLOWED_STATUSES = {
  pause: new Set(['running', 'queued']),
  resume: new Set(['paused']),
  cancel: new Set(['running', 'queued', 'paused', 'waiting', 'scheduled']),
  retry: new Set(['failed', 'cancelled']),
};

/** Returns true if the user may approve a batch or schedule: another author or admin than those it is by. */
export const mayApprove = ({ approval }) => may('author') && !approval.authors.includes(session().name);

/** Returns the names of the parameters whose values are deleted at the end of the batch. */
const secretsOf = ({ parameters, statement }) =>
  statement == null
    ? []
    : Object.entries(parameters ?? {})
        .filter(([, value]) => value === '******')
        .map(([name]) => name);

/** Asks for the secret values of a batch, and sends its retry, or that of its skipped rows. */
function SecretsDialog({ batch, title, onRetry, onClose }) {
  const { busy, problem, send } = useRequest();
  const [values, setValues] = useState({});
  const [secret, setSecret] = useState(null);
  useEffect(() => {
    send('load', async () => {
      const { parameters } = await get(`statements/${batch.statement}`, { exact: ['parameters'] });
      setSecret({ parameters: Object.fromEntries(secretsOf(batch).map((name) => [name, parameters[name] ?? {}])) });
    });
  }, []);
  const ready = !busy && secret && isComplete(secret, values);
  const retry = async (event) => {
    event.preventDefault();
    if (ready && (await send('retry', () => onRetry({ parameters: requestValues(secret, values) })))) onClose();
  };
  return h(
    Dialog,
    {
      title,
      onClose,
      buttons: button(
        {
          type: 'submit',
          form: 'secrets',
          class: 'primary',
          'data-testid': 'confirm-retry',
          'aria-disabled': !ready,
        },
        t('retry'),
      ),
    },
    p(null, t('secretsDetail')),
    form(
      { id: 'secrets', onSubmit: retry, noValidate: true },
      secret && h(ParameterFields, { statement: secret, given: values, onChange: setValues }),
    ),
    problem && h(ProblemBox, { problem }),
  );
}

/** Downloads all pages of a list of the batch, such as its conflicts, as one file. */
async function downloadCsv(id, list) {
  const parts = [];
  for (let path = `/api/v1/batches/${id}/${list}?limit=500`; path;) {
    const { response, text } = await fetchText('GET', path, { headers: { Accept: 'text/csv' } });
    parts.push(parts.length ? text.slice(text.indexOf('\n') + 1) : text);
    path = /<([^>]+)>; rel="next"/.exec(response.headers.get('Link') ?? '')?.[1];
  }
  const url = URL.createObjectURL(new Blob(parts, { type: 'text/csv' }));
  const anchor = document.createElement('a');
  Object.assign(anchor, { href: url, download: `${list}-${id}.csv` });
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export function Controls({ batch, change }) {
  const { busy, problem, send } = useRequest();
  const [dialog, setDialog] = useState(null);
  const { status, undo, kind } = batch;
  const pending = pendingOf(batch);
  const isFinal = FINAL_STATUSES.has(status);
  const canStartAgain = kind === 'sql' && (may('author') || batch.statement != null);

  const control = (name) => send(name, () => change(() => post(`batches/${batch.id}/${name}`)));
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
      { type: 'button', onClick: () => send('conflicts', () => downloadCsv(batch.id, 'conflicts')) },
      t('conflicts', { n: format.number(batch.conflicts) }),
    );
  const { rowsSkipped } = batch.progress;
  const skipped =
    rowsSkipped > 0 &&
    button(
      {
        type: 'button',
        'data-testid': 'skipped-csv',
        onClick: () => send('skipped', () => downloadCsv(batch.id, 'skipped')),
      },
      t('skippedCsv', { n: format.number(rowsSkipped) }),
    );
  const retry = (body) => change(() => post(`batches/${batch.id}/retry`, body));
  const retrySkipped = async (body) => {
    const response = await post(`batches/${batch.id}/skipped/retry`, body);
    go(batchLink(response.id));
    return response;
  };
  const needsSecrets = secretsOf(batch).length > 0;
  if (!may('operator')) {
    return (
      (conflicts || skipped) &&
      div({ class: 'controls' }, div({ class: 'buttons' }, conflicts, skipped), problem && h(ProblemBox, { problem }))
    );
  }
  return div(
    { class: 'controls' },
    div(
      { class: 'buttons' },
      awaitsApproval(batch) && mayApprove(batch) && action('approve', () => control('approve'), 'primary'),
      // Pause and resume share one position, so that the keyboard focus stays on it.
      ALLOWED_STATUSES.resume.has(status) || pending === 'pausing'
        ? action('resume', () => control('resume'), 'primary')
        : ALLOWED_STATUSES.pause.has(status) && !pending && action('pause', () => control('pause')),
      ALLOWED_STATUSES.cancel.has(status) && action('cancel', () => setDialog('cancel'), 'danger'),
      ALLOWED_STATUSES.retry.has(status) && action('retry', () => (needsSecrets ? setDialog('retry') : send('retry', () => retry({}))), 'primary'),
      isFinal && undo.available && action('undo', () => setDialog('undo')),
      isFinal && batch.task === 'archive' && !undo.available && action('restore', () => setDialog('restore')),
      isFinal && canStartAgain && a({ class: 'button', href: link('start', { from: batch.id }) }, t('startAgain')),
      conflicts,
      skipped,
      isFinal &&
        rowsSkipped > 0 &&
        kind === 'sql' &&
        action('retrySkipped', () =>
          needsSecrets ? setDialog('retrySkipped') : send('retrySkipped', () => retrySkipped({})),
        ),
      pending && span({ class: 'quiet-text', role: 'status' }, icon('queued'), t(`requested.${pending}`)),
    ),
    problem && h(ProblemBox, { problem }),
    dialog === 'cancel' &&
      h(CancelDialog, {
        title: t('cancelTitle', { id: batch.id }),
        detail: t('cancelDetail', { rows: format.number(batch.progress.rowsChanged) }),
        confirm: t('cancelConfirm'),
        isRunning: status === 'running',
        onCancel: (force) => change(() => post(`batches/${batch.id}/cancel${query({ force: force || '' })}`)),
        onClose: () => setDialog(null),
      }),
    dialog === 'restore' &&
      h(CancelDialog, {
        title: t('restoreTitle', { id: batch.id }),
        detail: t(batch.parameters?.to?.files ? 'restoreFilesDetail' : 'restoreDetail'),
        confirm: t('restore'),
        isRunning: false,
        onCancel: async () => {
          const response = await post(`batches/${batch.id}/restore`, {});
          go(batchLink(response.id));
          return response;
        },
        onClose: () => setDialog(null),
      }),
    dialog === 'undo' &&
      h(UndoDialog, {
        title: t('undoTitle', { id: batch.id }),
        detail: [
          t('undoDetail', { rows: format.number(undo.rows) }),
          ' ',
          undo.expiresAt && t('undoUntil', { time: format.dateTime(undo.expiresAt) }),
        ],
        path: `batches/${batch.id}/undo`,
        mayQueue: true,
        onUndone: ({ id }) => go(batchLink(id)),
        onClose: () => setDialog(null),
      }),
    (dialog === 'retry' || dialog === 'retrySkipped') &&
      h(SecretsDialog, {
        batch,
        title: t(dialog),
        onRetry: dialog === 'retry' ? retry : retrySkipped,
        onClose: () => setDialog(null),
      }),
  );
}

const numberOrUndefined = (text) => (text.trim() === '' ? undefined : Number(text));

/**
 * Changes the chunk size and lanes of a batch that has not ended. Only filled fields are sent, and
 * a number of lanes only if it is not to be automatic.
 */
export function Settings({ batch, change }) {
  const { busy, problem, send } = useRequest();
  const [rows, setRows] = useState('');
  const [target, setTarget] = useState('');
  const [lanes, setLanes] = useState('');
  const [automatic, setAutomatic] = useState(false);
  const [startAt, setStartAt] = useState(localTime(batch.startAt));
  const [saved, setSaved] = useState(false);
  const settings = {
    chunk: { rows: numberOrUndefined(rows), targetMillis: numberOrUndefined(target) },
    lanes: automatic ? 'auto' : numberOrUndefined(lanes),
    startAt:
      batch.status === 'scheduled' && startAt !== localTime(batch.startAt) ? moment(startAt) : undefined,
  };
  if (settings.chunk.rows === undefined && settings.chunk.targetMillis === undefined) delete settings.chunk;
  const save = async (event) => {
    event.preventDefault();
    const now = busy ? null : await send('save', () => change(() => patch(`batches/${batch.id}`, settings)));
    setSaved(Boolean(now));
    if (!now) return;
    setRows('');
    setTarget('');
    setLanes('');
    setAutomatic(false);
  };
  const edited = (set, value) => {
    set(value);
    setSaved(false);
  };
  const number = (name, text, set, testid, now, max, more) =>
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
        onInput: (event) => edited(set, event.target.value),
        ...more,
      }),
    );
  return section(
    { 'aria-labelledby': 'settings-title' },
    h2({ id: 'settings-title' }, t('settings')),
    form(
      { class: 'settings', onSubmit: save, noValidate: true },
      batch.status === 'scheduled' &&
        h(Field, { label: t('startAtIn', { zone: LOCAL_ZONE }) }, (props) =>
          input({
            ...props,
            type: 'datetime-local',
            'data-testid': 'change-start-at',
            value: startAt,
            onInput: (event) => edited(setStartAt, event.target.value),
          }),
        ),
      number('chunkRows', rows, setRows, 'chunk-rows', batch.chunk.rows, 100_000),
      number('chunkTarget', target, setTarget, 'chunk-target', batch.chunk.targetMillis ?? '–', 60_000),
      number('lanes', lanes, setLanes, 'chunk-lanes', batch.lanes, 16, { disabled: automatic }),
      !batch.automaticLanes &&
        label(
          { class: 'choice' },
          input({
            type: 'checkbox',
            'data-testid': 'chunk-lanes-automatic',
            checked: automatic,
            onChange: (event) => edited(setAutomatic, event.target.checked),
          }),
          span(null, t('automaticLanes')),
        ),
      button({ type: 'submit', 'data-testid': 'chunk-save', 'aria-disabled': Boolean(busy) }, t('save')),
    ),
    span({ role: 'status', class: 'hint' }, saved && t('saved')),
    problem && h(ProblemBox, { problem }),
  );
}
