// The page of one batch: its progress, rate, holds, controls and settings.

import { h, tags, useCallback, useEffect, useRef, useState } from './dom.js';
import { t } from './texts.js';
import * as format from './format.js';
import { changesPath, get, manifestPath, poll } from './api.js';
import { readExact } from './exact.js';
import { listen } from './events.js';
import { batchLink, chainLink, link } from './router.js';
import {
  ProgressBar,
  FINAL_STATUSES,
  Loading,
  DateTime,
  ProblemBox,
  Skipped,
  Status,
  awaitsApproval,
  icon,
  pendingOf,
  windowText,
} from './parts.js';
import { may } from './session.js';
import { Controls, Settings } from './controls.js';
import { Timeline, Plots } from './plots.js';
import { Lanes } from './lanes.js';
import { highlighted } from './sql.js';
import { Labels } from './labels.js';
import { chainName, useChain, waitsFor } from './chains.js';

const { div, section, h1, h2, p, a, dl, dt, dd, span, table, tbody, tr, th, td, pre, code, strong, thead } = tags;

const WAITS_POLL_MILLIS = 3000;

function title(batch) {
  const { percent } = batch.progress;
  const state = batch.status === 'running' && percent != null ? format.percent(percent) : t(`status.${batch.status}`);
  return `${state} · ${batch.project} #${batch.id} · Rowmill`;
}

/** Loads a batch, keeps it current by events, and returns it with its timeline and a problem, if any. */
function useBatch(id) {
  const [state, setState] = useState({ batch: null, problem: null });
  const [reloads, setReloads] = useState(0);
  const [timeline] = useState(() => new Timeline());
  const batchRef = useRef(null);
  /** Number of events that contained the complete status of the batch. */
  const fullEvents = useRef(0);
  /** Number of requests of this page that change the batch. */
  const changes = useRef(0);
  const render = useCallback(() => setState({ batch: { ...batchRef.current }, problem: null }), []);

  useEffect(() => {
    let frame = null;
    const stops = { stream() {}, timeline() {} };
    const renderSoon = () => {
      frame ??= requestAnimationFrame(() => {
        frame = null;
        render();
      });
    };
    const loadTimeline = () => {
      stops.timeline();
      stops.timeline = poll(
        () => get(`batches/${id}/timeline`),
        (response) => {
          timeline.reset(response, batchRef.current);
          renderSoon();
        },
      );
    };
    const isOver = () => FINAL_STATUSES.has(batchRef.current.status);
    const onEvent = (kind, data, text) => {
      const before = batchRef.current.status;
      Object.assign(batchRef.current, data);
      if (kind === 'snapshot' || kind === 'status') fullEvents.current += 1;
      if (kind === 'snapshot') batchRef.current.parameters = readExact(text).parameters;
      if (kind === 'throttle') timeline.hold(data.throttle);
      if (kind === 'progress') timeline.add(batchRef.current);
      if (kind === 'snapshot' || before !== batchRef.current.status || timeline.isTooLong) loadTimeline();
      renderSoon();
    };
    stops.get = poll(
      () => get(`batches/${id}`, { exact: ['parameters'] }),
      (response) => {
        batchRef.current = response;
        render();
        if (isOver()) loadTimeline();
        else stops.stream = listen(`/api/v1/batches/${id}/events`, onEvent, isOver);
      },
      (problem) => setState({ batch: null, problem }),
    );
    // The sums of waits grow while the batch runs, but are not part of each event.
    const waitsTimer = setInterval(() => {
      if (batchRef.current?.status !== 'running' || document.hidden) return;
      const before = fullEvents.current + changes.current;
      get(`batches/${id}`).then(
        ({ waits }) => {
          if (fullEvents.current + changes.current !== before) return;
          batchRef.current.waits = waits;
          renderSoon();
        },
        () => {},
      );
    }, WAITS_POLL_MILLIS);
    // A batch that has ended sends no events, but it may have been undone while the page was hidden.
    const onVisibilityChange = () => !document.hidden && batchRef.current && isOver() && setReloads((n) => n + 1);
    document.addEventListener('visibilitychange', onVisibilityChange);
    return () => {
      document.removeEventListener('visibilitychange', onVisibilityChange);
      clearInterval(waitsTimer);
      for (const stop of Object.values(stops)) stop();
      cancelAnimationFrame(frame);
    };
  }, [id, reloads]);

  /**
   * Sends a request whose response is the batch. Events that arrive in the meantime are newer than the response.
   *
   * @return the current batch
   */
  const change = useCallback(async (request) => {
    const before = fullEvents.current;
    const wasOver = FINAL_STATUSES.has(batchRef.current.status);
    changes.current += 1;
    const response = await request();
    const { parameters } = batchRef.current;
    if (fullEvents.current === before) Object.assign(batchRef.current, response, { parameters });
    render();
    // The stream of events ended with the batch, which now continues.
    if (wasOver && !FINAL_STATUSES.has(response.status)) setReloads((n) => n + 1);
    return batchRef.current;
  }, []);
  return { ...state, timeline, change };
}

function Figures({ batch }) {
  const { progress, startedAt, finishedAt, status } = batch;
  const [now, setNow] = useState(Date.now());
  const live = startedAt && !finishedAt;
  useEffect(() => {
    if (!live) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [live]);
  const elapsed = startedAt ? Math.max(0, (finishedAt ? new Date(finishedAt) : now) - new Date(startedAt)) : null;
  const figure = (name, shown, testid) => div(null, dt(null, t(name)), dd({ 'data-testid': testid }, shown));
  return dl(
    { class: 'figures' },
    figure('rate', startedAt ? format.rate(progress.rowsPerSecond) : '–', 'rate'),
    status === 'running' &&
      figure('eta', progress.etaSeconds == null ? t('unknown') : format.duration(progress.etaSeconds), 'eta'),
    figure('elapsed', elapsed === null ? '–' : format.millis(elapsed)),
    figure('rowsChanged', [
      format.number(progress.rowsChanged),
      progress.limitReached && span({ class: 'quiet-text', 'data-testid': 'limit-reached' }, ` (${t('limitReached')})`),
    ]),
    progress.rowsIgnored !== 0 &&
      figure(
        'rowsIgnored',
        progress.rowsIgnored == null ? t('unknown') : format.number(progress.rowsIgnored),
        'rows-ignored',
      ),
    progress.rowsSkipped > 0 && figure('rowsSkipped', format.number(progress.rowsSkipped), 'rows-skipped'),
    figure('chunks', format.number(progress.chunks)),
    figure('retries', format.number(progress.retries)),
  );
}

function Hold({ batch }) {
  const { throttle, status } = batch;
  // A batch that was on hold may be so again. The empty line keeps the layout below stable.
  if (!throttle) return status === 'running' && batch.waits?.length ? p({ class: 'notice-room' }) : null;
  return p(
    { class: 'notice' },
    icon(status === 'paused' ? 'warn' : 'paused'),
    strong(null, t(status === 'paused' ? 'pausedBy' : 'onHold', { reason: t(`hold.${throttle.reason}`) })),
    ' ',
    throttle.detail,
    ' ',
    span({ class: 'quiet-text' }, t('since', { time: format.time(new Date(throttle.since)) })),
  );
}

/** Shows that the batch waits for an approval, with its requester and planned rows. */
function Approval({ batch }) {
  if (!awaitsApproval(batch)) return null;
  const { plannedRows, requestedBy, reason, median, factor } = batch.approval;
  const by = requestedBy ?? batch.submittedBy;
  return p(
    { class: 'notice', 'data-testid': 'approval' },
    icon('waiting'),
    strong(null, t('approvalNeeded')),
    ' ',
    t('approvalRows', { rows: format.number(plannedRows) }),
    ' ',
    reason === 'unusual-rows' && `${t('approvalUnusual', { factor, median: format.number(median) })} `,
    by && t('approvalRequester', { name: by }),
    ' ',
    t('approvalByOther'),
  );
}

/** Shows the batches that must end before this one, and which have. Steps of its chain have names. */
function Conditions({ batch, chain }) {
  if (!batch.after?.length) return null;
  const waits = batch.status === 'waiting' && batch.after.some(({ met }) => !met);
  return p(
    { class: waits ? 'notice' : 'quiet-text', 'data-testid': 'after' },
    waits && icon('waiting'),
    strong(null, t(waits ? 'waitsFor' : 'waitedFor')),
    batch.after.map(({ batch: id, on, met }) =>
      span(
        { key: `${id}-${on}`, 'data-met': String(met) },
        ' ',
        a({ href: batchLink(id) }, stepOf(chain, id) ?? `#${id}`),
        ` ${t(`on.${on}`)}${met ? ` (${t('met')})` : ''}`,
      ),
    ),
  );
}

/** Shows why a step whose conditions are met still waits: for its chain to be resumed, or for its project. */
function Turn({ batch, chain }) {
  const step = batch.status === 'waiting' && chain?.steps.find(({ batch: id }) => id === batch.id);
  if (!step || batch.after?.some(({ met }) => !met) || awaitsApproval(batch)) return null;
  return p({ class: 'notice', 'data-testid': 'step-waits' }, icon('waiting'), `${step.name} ${waitsFor(step, chain)}`);
}

const stepOf = (chain, id) => chain?.steps.find(({ batch }) => batch === id)?.name;

function Failure({ error }) {
  if (!error) return null;
  const { title: named, detail, chunk, reasons, type } = error;
  const hint = `hint.${String(type).replace('/problems/', '')}`;
  return section(
    { class: 'problem', 'data-testid': 'error', 'aria-labelledby': 'error-title' },
    h2({ id: 'error-title' }, icon('failed'), named),
    detail && p(null, detail),
    reasons?.map((reason) => p({ key: reason }, reason)),
    chunk && p(null, t('failedRange'), ' ', code(null, `(${format.cursor(chunk.from)} … ${format.cursor(chunk.to)}]`)),
    t.has(hint) && p({ class: 'hint' }, t(hint)),
  );
}

const Waits = ({ waits }) =>
  section(
    { 'data-testid': 'waits', 'aria-labelledby': 'waits-title' },
    h2({ id: 'waits-title' }, t('holds')),
    waits.length === 0
      ? p({ class: 'quiet-text' }, t('noHolds'))
      : table(
          { class: 'small' },
          tbody(
            null,
            waits.map(({ reason, millis }) =>
              tr({ key: reason }, th({ scope: 'row' }, t(`hold.${reason}`)), td({ class: 'n' }, format.millis(millis))),
            ),
          ),
        ),
  );

function WorkSection({ batch }) {
  const { sql, task, parameters, kind } = batch;
  const given = Object.entries(parameters ?? {});
  return section(
    { 'aria-labelledby': 'statement-title' },
    h2({ id: 'statement-title' }, t(kind === 'sql' ? 'statement' : `kind.${kind}`)),
    sql
      ? pre({ class: 'sql', 'data-testid': 'statement', tabindex: 0 }, code(null, highlighted(sql)))
      : task && pre({ class: 'sql', 'data-testid': 'statement', tabindex: 0 }, code(null, task)),
    given.length > 0 &&
      table(
        { class: 'small' },
        thead(null, tr(null, th({ scope: 'col' }, t('parameter')), th({ scope: 'col' }, t('value')))),
        tbody(
          null,
          given.map(([name, value]) =>
            tr(
              { key: name },
              th({ scope: 'row' }, code(null, kind === 'sql' ? `:${name}` : name)),
              td(null, code({ class: value === null ? 'null' : '' }, format.value(value))),
            ),
          ),
        ),
      ),
  );
}

function chunkSize({ rows, targetMillis }) {
  const target = targetMillis ? ` (${t('chunkTargetIs', { time: format.millis(targetMillis) })})` : '';
  return `${format.number(rows)}${target}`;
}

/** Returns whether the changed rows can be downloaded, by the state of the batch and the caller's role. */
function hasChanges({ status, undo }) {
  const expired = undo.expiresAt && new Date(undo.expiresAt) <= new Date();
  return undo.rows > 0 && status !== 'running' && !expired && may('author');
}

function ChangeLinks({ id }) {
  const download = (name, query) =>
    a({ key: name, href: changesPath(id, query), download: '', 'data-testid': `changes-${name}` }, t(`changes.${name}`));
  return span(
    { class: 'change-links' },
    download('csv', 'format=csv'),
    ' · ',
    download('ndjson', 'format=ndjson'),
    ' · ',
    download('undo', 'format=sql'),
    ' · ',
    download('redo', 'format=sql&direction=redo'),
  );
}

function Facts({ batch }) {
  const fact = (name, shown) => shown != null && div(null, dt(null, t(name)), dd(null, shown));
  const { undo, approval } = batch;
  return section(
    { 'aria-labelledby': 'facts-title' },
    h2({ id: 'facts-title' }, t('details')),
    dl(
      { class: 'facts' },
      fact('kind', t(`kind.${batch.kind}`)),
      fact('savedStatement', batch.statement),
      batch.schedule && fact('ofSchedule', a({ href: link(`schedules/${batch.schedule}`) }, batch.schedule)),
      fact('mode', t(`mode.${batch.mode}`)),
      fact('lanes', batch.automaticLanes ? t('lanesChosen', { n: format.number(batch.lanes) }) : format.number(batch.lanes)),
      fact('chunkRows', chunkSize(batch.chunk)),
      fact('submittedBy', batch.submittedBy),
      Object.keys(batch.labels ?? {}).length > 0 && fact('labels', h(Labels, { labels: batch.labels })),
      approval?.approvedAt && fact('approved', [
          approval.approvedBy,
          ' ',
          h(DateTime, { at: approval.approvedAt }),
          approval.schedule && ` (${t('approvedBySchedule')})`,
        ]),
      fact('createdAt', h(DateTime, { at: batch.createdAt })),
      batch.startAt && fact('startAt', h(DateTime, { at: batch.startAt })),
      batch.startedAt && fact('startedAt', h(DateTime, { at: batch.startedAt })),
      batch.finishedAt && fact('finishedAt', h(DateTime, { at: batch.finishedAt })),
      fact('node', batch.node),
      batch.check != null && fact('check', code(null, batch.check)),
      batch.undoes != null &&
        fact('undoes', a({ href: batchLink(batch.undoes), 'data-testid': 'undoes' }, `#${batch.undoes}`)),
      batch.undoneBy != null &&
        fact('undoneBy', a({ href: batchLink(batch.undoneBy), 'data-testid': 'undone-by' }, `#${batch.undoneBy}`)),
      batch.skippedOf != null &&
        fact('skippedOf', a({ href: batchLink(batch.skippedOf), 'data-testid': 'skipped-of' }, `#${batch.skippedOf}`)),
      batch.skippedRetry != null &&
        fact(
          'skippedRetry',
          a({ href: batchLink(batch.skippedRetry), 'data-testid': 'skipped-retry' }, `#${batch.skippedRetry}`),
        ),
      batch.onError && fact('onError', t('onError.skip', { most: String(batch.onError.maxSkipped) })),
      batch.maxRows != null && fact('maxRows', format.number(batch.maxRows)),
      batch.maxDurationMillis != null && fact('maxDuration', format.millis(batch.maxDurationMillis)),
      batch.window && fact('window', windowText(batch.window)),
      undo.rows > 0 &&
        fact('undoData', t('undoDataSize', { rows: format.number(undo.rows), bytes: format.bytes(undo.bytes) })),
      undo.expiresAt && fact('undoExpires', h(DateTime, { at: undo.expiresAt })),
      (batch.task === 'export' || batch.parameters?.to?.files) &&
        batch.status === 'succeeded' &&
        fact('manifest', a({ href: manifestPath(batch.id), download: '' }, 'manifest.json')),
      hasChanges(batch) && fact('changes', h(ChangeLinks, { id: batch.id })),
      Object.entries(batch.limits ?? {}).map(([name, value]) => fact(`limit.${name}`, String(value))),
    ),
  );
}

export function BatchPage({ id }) {
  const { batch, problem, timeline, change } = useBatch(id);
  const { chain } = useChain(batch?.chain);
  const pageTitle = batch && title(batch);
  useEffect(() => {
    document.title = pageTitle ?? `#${id} · Rowmill`;
  }, [pageTitle, id]);
  if (problem) return div(null, h1(null, `#${id}`), h(ProblemBox, { problem }));
  if (!batch) return div(null, h1(null, `#${id}`), h(Loading));
  const { progress } = batch;
  return div(
    { class: 'batch-page' },
    div(
      { class: 'batch-head' },
      h1(
        null,
        a({ href: link('history', { project: batch.project }) }, batch.project),
        span({ class: 'id' }, ` #${batch.id}`),
      ),
      h(Status, { status: batch.status, pending: pendingOf(batch), testid: 'batch-status' }),
      h(Skipped, { batch, testid: 'with-skipped' }),
      batch.position != null && span({ class: 'quiet-text' }, t('position', { n: format.number(batch.position) })),
      batch.chain != null &&
        p(
          { class: 'reason' },
          t('stepOfChain', { step: batch.step }),
          ' ',
          a({ href: chainLink(batch.chain), 'data-testid': 'chain-link' }, chainName(chain ?? { id: batch.chain })),
        ),
      batch.reason && p({ class: 'reason' }, batch.reason),
    ),
    h(ProgressBar, { batch, large: true }),
    p(
      { class: 'done' },
      progress.percent != null && strong(null, format.percent(progress.percent)),
      ' ',
      batch.startedAt ? format.rowsDone(progress) : t('notStarted'),
    ),
    h(Figures, { batch }),
    h(Failure, { error: batch.error }),
    h(Approval, { batch }),
    h(Conditions, { batch, chain }),
    h(Turn, { batch, chain }),
    h(Controls, { batch, change }),
    h(Hold, { batch }),
    h(Plots, { timeline, batch }),
    div(
      { class: 'columns' },
      div(
        null,
        h(WorkSection, { batch }),
        h(Waits, { waits: batch.waits ?? [] }),
        h(Lanes, { batch, key: batch.status }),
      ),
      div(
        null,
        may('operator') && !FINAL_STATUSES.has(batch.status) && h(Settings, { batch, change }),
        h(Facts, { batch }),
      ),
    ),
  );
}
