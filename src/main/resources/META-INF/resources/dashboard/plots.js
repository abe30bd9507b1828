// Plots of a batch over time: rows per second, lanes, chunk time and rows per chunk, with its holds marked.

import { h, tags, useEffect, useRef, useState } from './dom.js';
import { t } from './texts.js';
import * as format from './format.js';

const { section, div, h2, h3, p, ul, li, span } = tags;

const MAX_LIVE_POINTS = 480;
/** Minimum share of its time that a step waits to be marked as a hold. */
const MIN_HOLD_SHARE = 0.1;
const HEIGHT = 170;
/** Height of the hatched band above a hold. */
const HATCH_HEIGHT = 6;
const PATTERNS = 3;
/** Time over which a rate is averaged. */
const RATE_WINDOW_MILLIS = 2000;
/** Minimum time between two points. */
const MIN_STEP_MILLIS = 50;

/** Holds the points of the plots: first those of `/timeline`, then one for each progress event. */
export class Timeline {
  constructor() {
    this.points = [];
    /** True once `/timeline` has been loaded. Earlier progress events are ignored. */
    this.loaded = false;
    this.livePoints = 0;
    this.lastAt = Date.now();
    this.clockSkew = 0;
    this.holds = [];
    this.version = 0;
  }

  get isTooLong() {
    return this.livePoints > MAX_LIVE_POINTS;
  }

  reset({ stepMillis, items }, batch) {
    this.loaded = true;
    const now = Date.now();
    const running = batch.status === 'running';
    // The newest step of a running batch is incomplete.
    this.points = items
      .slice(0, running ? -1 : undefined)
      .map((item) => ({ ...item, at: Date.parse(item.at) + stepMillis, millis: stepMillis }));
    // The clock of the service may differ from the browser's.
    const difference = items.length ? Date.parse(items.at(-1).at) - now : 0;
    this.clockSkew = running && Math.abs(difference) > 5000 ? difference : 0;
    this.livePoints = 0;
    this.chunks = batch.progress.chunks;
    this.lastAt = this.points.at(-1)?.at ?? now + this.clockSkew;
    this.holds = [];
    this.hold(batch.throttle);
    this.computeRates();
    this.version += 1;
  }

  /** Records that a hold begins now, or that none is left. */
  hold(throttle) {
    const now = Date.now() + this.clockSkew;
    const open = this.holds.at(-1);
    if (open && open.to === null) open.to = now;
    if (throttle) this.holds.push({ reason: throttle.reason, from: now, to: null });
  }

  /** Returns how long the batch was on hold for each reason since the previous point. */
  waitsSinceLastPoint(at) {
    const sums = new Map();
    for (const { reason, from, to } of this.holds) {
      const millis = (to ?? at) - Math.max(from, this.lastAt);
      if (millis > 0) sums.set(reason, (sums.get(reason) ?? 0) + millis);
    }
    this.holds = this.holds.filter(({ to }) => to === null);
    return [...sums].map(([reason, millis]) => ({ reason, millis }));
  }

  add({ progress, chunk, lanes }) {
    const at = Date.now() + this.clockSkew;
    if (!this.loaded || at - this.lastAt < MIN_STEP_MILLIS) return;
    this.points.push({
      at,
      millis: at - this.lastAt,
      rowsScanned: progress.rowsScanned,
      lanes,
      waits: this.waitsSinceLastPoint(at),
      ...(progress.chunks !== this.chunks && { chunkRows: chunk.rows, chunkMillis: chunk.lastMillis }),
    });
    this.chunks = progress.chunks;
    this.livePoints += 1;
    this.lastAt = at;
    this.computeRates(this.points.length - 1);
    this.version += 1;
  }

  /** Averages the rates over two seconds, as a slowed batch completes few chunks in a shorter time. */
  computeRates(first = 0) {
    for (let i = first; i < this.points.length; i += 1) {
      const point = this.points[i];
      let from = i - 1;
      while (from > 0 && point.at - this.points[from].at < RATE_WINDOW_MILLIS) from -= 1;
      const before = this.points[from];
      if (before) point.rate = Math.max(0, ((point.rowsScanned - before.rowsScanned) * 1000) / (point.at - before.at));
      else point.rate = point.rowsPerSecond ?? 0;
    }
  }

  columns(...members) {
    return [
      this.points.map(({ at }) => at / 1000),
      ...members.map((member) => this.points.map((point) => point[member] ?? null)),
    ];
  }

  /** Returns the reasons of the holds, in a stable order. */
  reasons() {
    return [...new Set(this.spans().map(({ reason }) => reason))].sort();
  }

  /** Returns the holds as `{from, to, reason}`. Successive steps with the same reason are merged. */
  spans() {
    const spans = [];
    for (const { at, millis, waits } of this.points) {
      for (const { reason, millis: holdMillis } of waits ?? []) {
        if (holdMillis < MIN_HOLD_SHARE * millis) continue;
        const from = (at - millis) / 1000;
        const open = spans.findLast((span_) => span_.reason === reason);
        if (open && from - open.to < (2 * millis) / 1000) open.to = at / 1000;
        else spans.push({ from, to: at / 1000, reason });
      }
    }
    return spans;
  }
}

let uPlotModule = null;

/** Loads uPlot and its styles for the first plot. */
function loadUPlot() {
  uPlotModule ??= import('./vendor/uPlot.esm.js')
    .then((module) => {
      const sheet = document.createElement('link');
      Object.assign(sheet, { rel: 'stylesheet', href: '/dashboard/vendor/uPlot.min.css' });
      document.head.append(sheet);
      return module.default;
    })
    .catch((error) => {
      uPlotModule = null;
      throw error;
    });
  return uPlotModule;
}

/** Returns one of three patterns: strokes up, down, or both. */
function hatchPattern(context, color, kind) {
  const tile = document.createElement('canvas');
  tile.width = 8;
  tile.height = 8;
  const pen = tile.getContext('2d');
  pen.strokeStyle = color;
  pen.lineWidth = 1.2;
  pen.beginPath();
  for (const shift of [-8, 0, 8]) {
    if (kind !== 1) {
      pen.moveTo(shift, 8);
      pen.lineTo(shift + 8, 0);
    }
    if (kind !== 0) {
      pen.moveTo(shift, 0);
      pen.lineTo(shift + 8, 8);
    }
  }
  pen.stroke();
  return context.createPattern(tile, 'repeat');
}

/** Shades the holds behind the lines, and writes their reasons where they fit. */
const drawHolds = (timeline, color, ink) => (plot) => {
  const { ctx, bbox } = plot;
  const reasons = timeline.reasons();
  const patterns = reasons.map((_, i) => hatchPattern(ctx, color, i % PATTERNS));
  const scale = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.font = `${11 * scale}px system-ui, sans-serif`;
  ctx.textBaseline = 'top';
  ctx.textAlign = 'left';
  for (const { from, to, reason } of timeline.spans()) {
    const left = plot.valToPos(from, 'x', true);
    const width = Math.max(2 * scale, plot.valToPos(to, 'x', true) - left);
    ctx.fillStyle = ink.tint;
    ctx.fillRect(left, bbox.top, width, bbox.height);
    ctx.fillStyle = patterns[reasons.indexOf(reason)];
    ctx.fillRect(left, bbox.top, width, HATCH_HEIGHT * scale);
    const text = t(`hold.${reason}`);
    const start = Math.max(left, bbox.left) + 4 * scale;
    const room = Math.min(left + width, bbox.left + bbox.width) - start;
    const needed = ctx.measureText(text).width;
    if (needed > room) continue;
    ctx.fillStyle = ink.text;
    ctx.fillText(text, start, bbox.top + (HATCH_HEIGHT + 3) * scale);
  }
  ctx.restore();
};

function options(UPlot, kind, timeline, width, point) {
  const style = getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue(`--${name}`).trim();
  const font = '11px system-ui, sans-serif';
  const axis = (more) => ({
    stroke: color('soft'),
    font,
    grid: { stroke: color('line'), width: 1 },
    ticks: { show: false },
    size: 52,
    values: (_, values) => values.map((value) => (value === null ? '' : format.compact(value))),
    ...more,
  });
  const line = (name, scale, more) => ({
    scale,
    stroke: color(name),
    width: 1.5,
    points: { show: false },
    spanGaps: true,
    ...more,
  });
  // Leaves room for the reasons of holds above the lines.
  const rangeFromZero = (_, min, max) => [0, max > 0 ? max * 1.25 : 1];
  const second = kind === 'rate' ? 'lanes' : 'rows';
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    padding: [8, 0, 0, 0],
    cursor: { sync: { key: 'timeline' }, y: false, drag: { x: false, y: false } },
    scales: { x: { time: true }, y: { range: rangeFromZero }, [second]: { range: rangeFromZero } },
    axes: [
      axis({
        size: 28,
        space: 90,
        grid: { show: false },
        values: (_, values) => values.map((value) => format.time(value * 1000)),
      }),
      axis({}),
      axis({ side: 1, scale: second, grid: { show: false }, ...(kind === 'rate' && { incrs: [1, 2, 5] }) }),
    ],
    series:
      kind === 'rate'
        ? [
            {},
            line('running', 'y', { fill: color('fill') }),
            line('waiting', second, { dash: [5, 4], paths: UPlot.paths.stepped({ align: -1 }) }),
          ]
        : [{}, line('queued', 'y'), line('waiting', second, { dash: [5, 4] })],
    hooks: {
      drawClear: [drawHolds(timeline, color('hatch'), { text: color('paused'), tint: color('tint') })],
      setCursor: [(plot) => point(plot.cursor.idx)],
    },
  };
}

function Plot({ kind, timeline, columns, testid, label, point }) {
  const container = useRef(null);
  const plot = useRef(null);
  useEffect(() => {
    let unmounted = false;
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const create = (UPlot) => {
      if (unmounted) return;
      plot.current?.destroy();
      plot.current = new UPlot(
        options(UPlot, kind, timeline, container.current.clientWidth, point),
        columns(),
        container.current,
      );
    };
    const recreate = () => loadUPlot().then(create, () => setTimeout(() => unmounted || recreate(), 1000));
    recreate();
    const observer = new ResizeObserver(() =>
      plot.current?.setSize({ width: container.current.clientWidth, height: HEIGHT }),
    );
    observer.observe(container.current);
    dark.addEventListener('change', recreate);
    return () => {
      unmounted = true;
      observer.disconnect();
      dark.removeEventListener('change', recreate);
      plot.current?.destroy();
    };
  }, []);
  useEffect(() => plot.current?.setData(columns()), [timeline.version]);
  return div({
    class: 'plot',
    'data-testid': testid,
    'data-points': timeline.points.length,
    'data-waits': timeline.spans().length,
    role: 'img',
    'aria-label': label,
    ref: container,
  });
}

/** Returns the text of a reason for which the number of lanes changed; a throttle's is that of its hold. */
function laneChangeText({ reason }) {
  const text = t(`laneChange.${reason}`);
  return text === reason ? t(`hold.${reason}`) : text;
}

/** Shows the values at the pointer, or the newest ones. */
function Readout({ point, timeline }) {
  const shown = point ?? timeline.points.at(-1);
  if (!shown) return p({ class: 'readout' }, t('noPoints'));
  const waits = (shown.waits ?? []).map(({ reason, millis }) =>
    t('onHoldFor', { time: format.millis(millis), reason: t(`hold.${reason}`) }),
  );
  const changes = (shown.laneChanges ?? []).map(laneChangeText);
  const lanes = shown.lanes != null && t('lanesAt', { n: format.number(shown.lanes) });
  return p(
    { class: 'readout', 'aria-hidden': 'true' },
    [
      format.time(shown.at),
      format.rate(shown.rate),
      lanes && changes.length ? `${lanes} (${changes.join(', ')})` : lanes,
      shown.chunkMillis != null &&
        t('chunkOf', { time: format.millis(shown.chunkMillis), rows: format.number(shown.chunkRows) }),
      ...waits,
    ]
      .filter(Boolean)
      .join(' · '),
  );
}

export function Plots({ timeline, batch }) {
  const [index, setIndex] = useState(null);
  if (!timeline.points.length && batch.status !== 'running') return null;
  const maximum = (member) => Math.max(0, ...timeline.points.map((point) => point[member] ?? 0));
  const reasons = timeline.reasons();
  return section(
    { class: 'plots', 'aria-labelledby': 'plots-title' },
    h2({ id: 'plots-title', class: 'unseen' }, t('timeline')),
    div(
      { class: 'plot-pair' },
      div(
        null,
        h3(
          null,
          span({ class: 'key line-running' }, t('plotRate')),
          ' ',
          span({ class: 'key line-waiting' }, t('plotLanes')),
        ),
        h(Plot, {
          kind: 'rate',
          timeline,
          testid: 'plot-rate',
          point: setIndex,
          columns: () => timeline.columns('rate', 'lanes'),
          label: t('plotRateLabel', {
            maximum: format.rate(maximum('rate')),
            lanes: format.number(maximum('lanes')),
            holds: reasons.map((one) => t(`hold.${one}`)).join(', ') || t('none'),
          }),
        }),
      ),
      div(
        null,
        h3(
          null,
          span({ class: 'key line-queued' }, t('plotChunkTime')),
          ' ',
          span({ class: 'key line-waiting' }, t('plotChunkRows')),
        ),
        h(Plot, {
          kind: 'chunk',
          timeline,
          testid: 'plot-chunk',
          point: setIndex,
          columns: () => timeline.columns('chunkMillis', 'chunkRows'),
          label: t('plotChunkLabel', {
            time: format.millis(maximum('chunkMillis')),
            rows: format.number(maximum('chunkRows')),
          }),
        }),
      ),
    ),
    h(Readout, { point: timeline.points[index], timeline }),
    reasons.length > 0 &&
      ul(
        { class: 'keys' },
        reasons.map((reason, i) =>
          li(
            { key: reason },
            span({ class: `hatch hatch-${i % PATTERNS}` }),
            t('onHold', { reason: t(`hold.${reason}`) }),
          ),
        ),
      ),
  );
}
