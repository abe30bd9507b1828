// How a batch went over time: rows per second, chunk time and chunk rows, with its waits marked.

import { h, tags, useEffect, useRef, useState } from './dom.js';
import { t } from './texts.js';
import * as format from './format.js';

const { section, div, h2, h3, p, ul, li, span } = tags;

const MOST_LIVE = 480;
/** A step counts as held back when it waited for this share of its time. */
const HELD = 0.1;
const HEIGHT = 170;
/** Height of the hatched band above a wait. */
const BAND = 6;
const PATTERNS = 3;
/** Milliseconds over which a rate is told, and between two points at least. */
const OVER = 2000;
const SHORTEST = 50;

/** The points of the plots: those of `/timeline`, then one for each progress event. */
export class Course {
  constructor() {
    this.points = [];
    /** Whether the timeline has come, without which there is nothing to go on from. */
    this.begun = false;
    this.live = 0;
    this.lastAt = Date.now();
    this.skew = 0;
    this.held = [];
    this.version = 0;
  }

  get long() {
    return this.live > MOST_LIVE;
  }

  reset({ stepMillis, items }, batch) {
    this.begun = true;
    const now = Date.now();
    const running = batch.status === 'running';
    // The newest step of a running batch is not over.
    this.points = items
      .slice(0, running ? -1 : undefined)
      .map((item) => ({ ...item, at: Date.parse(item.at) + stepMillis, millis: stepMillis }));
    // The service's clock may be another than this one.
    const behind = items.length ? Date.parse(items.at(-1).at) - now : 0;
    this.skew = running && Math.abs(behind) > 5000 ? behind : 0;
    this.live = 0;
    this.chunks = batch.progress.chunks;
    this.lastAt = this.points.at(-1)?.at ?? now + this.skew;
    this.held = [];
    this.hold(batch.throttle);
    this.smooth();
    this.version += 1;
  }

  /** Something holds the batch back from now on, or nothing does any more. */
  hold(throttle) {
    const now = Date.now() + this.skew;
    const open = this.held.at(-1);
    if (open && open.to === null) open.to = now;
    if (throttle) this.held.push({ reason: throttle.reason, from: now, to: null });
  }

  /** How long each reason has held the batch back since the point before. */
  waitsUntil(at) {
    const sums = new Map();
    for (const { reason, from, to } of this.held) {
      const millis = (to ?? at) - Math.max(from, this.lastAt);
      if (millis > 0) sums.set(reason, (sums.get(reason) ?? 0) + millis);
    }
    this.held = this.held.filter(({ to }) => to === null);
    return [...sums].map(([reason, millis]) => ({ reason, millis }));
  }

  add({ progress, chunk }) {
    const at = Date.now() + this.skew;
    if (!this.begun || at - this.lastAt < SHORTEST) return;
    this.points.push({
      at,
      millis: at - this.lastAt,
      rowsScanned: progress.rowsScanned,
      waits: this.waitsUntil(at),
      ...(progress.chunks !== this.chunks && { chunkRows: chunk.rows, chunkMillis: chunk.lastMillis }),
    });
    this.chunks = progress.chunks;
    this.live += 1;
    this.lastAt = at;
    this.smooth(this.points.length - 1);
    this.version += 1;
  }

  /** Rates over two seconds: in a shorter time a batch that rests has done one chunk, or none. */
  smooth(first = 0) {
    for (let i = first; i < this.points.length; i += 1) {
      const point = this.points[i];
      let from = i - 1;
      while (from > 0 && point.at - this.points[from].at < OVER) from -= 1;
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

  /** What has held the batch back, in an order that stays. */
  reasons() {
    return [...new Set(this.spans().map(({ reason }) => reason))].sort();
  }

  /** The times that something held the batch back: `{from, to, reason}`, those that follow each other as one. */
  spans() {
    const spans = [];
    for (const { at, millis, waits } of this.points) {
      for (const { reason, millis: held } of waits ?? []) {
        if (held < HELD * millis) continue;
        const from = (at - millis) / 1000;
        const open = spans.findLast((span_) => span_.reason === reason);
        if (open && from - open.to < (2 * millis) / 1000) open.to = at / 1000;
        else spans.push({ from, to: at / 1000, reason });
      }
    }
    return spans;
  }
}

let library = null;

/** uPlot and its styles, loaded for the first plot. */
function plotLibrary() {
  library ??= import('./vendor/uPlot.esm.js')
    .then((module) => {
      const sheet = document.createElement('link');
      Object.assign(sheet, { rel: 'stylesheet', href: '/dashboard/vendor/uPlot.min.css' });
      document.head.append(sheet);
      return module.default;
    })
    .catch((error) => {
      library = null;
      throw error;
    });
  return library;
}

/** One of three patterns: strokes up, down, or both. */
function hatch(context, color, kind) {
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

/** Shades the waits behind the lines, and writes what was waited for where there is room. */
const marked = (course, color, ink) => (plot) => {
  const { ctx, bbox } = plot;
  const reasons = course.reasons();
  const patterns = reasons.map((_, i) => hatch(ctx, color, i % PATTERNS));
  const scale = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.font = `${11 * scale}px system-ui, sans-serif`;
  ctx.textBaseline = 'top';
  ctx.textAlign = 'left';
  for (const { from, to, reason } of course.spans()) {
    const left = plot.valToPos(from, 'x', true);
    const wide = Math.max(2 * scale, plot.valToPos(to, 'x', true) - left);
    ctx.fillStyle = ink.tint;
    ctx.fillRect(left, bbox.top, wide, bbox.height);
    ctx.fillStyle = patterns[reasons.indexOf(reason)];
    ctx.fillRect(left, bbox.top, wide, BAND * scale);
    const text = t(`hold.${reason}`);
    const start = Math.max(left, bbox.left) + 4 * scale;
    const room = Math.min(left + wide, bbox.left + bbox.width) - start;
    const needed = ctx.measureText(text).width;
    if (needed > room) continue;
    ctx.fillStyle = ink.text;
    ctx.fillText(text, start, bbox.top + (BAND + 3) * scale);
  }
  ctx.restore();
};

function options(kind, course, width, point) {
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
  // With room for the names of waits above the lines.
  const low = (_, min, max) => [0, max > 0 ? max * 1.25 : 1];
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    padding: [8, kind === 'rate' ? 24 : 0, 0, 0],
    cursor: { sync: { key: 'course' }, y: false, drag: { x: false, y: false } },
    scales: { x: { time: true }, y: { range: low }, rows: { range: low } },
    axes: [
      axis({
        size: 28,
        space: 90,
        grid: { show: false },
        values: (_, values) => values.map((value) => format.clock(value * 1000)),
      }),
      axis({}),
      ...(kind === 'rate' ? [] : [axis({ side: 1, scale: 'rows', grid: { show: false } })]),
    ],
    series:
      kind === 'rate'
        ? [{}, line('running', 'y', { fill: color('fill') })]
        : [{}, line('queued', 'y'), line('waiting', 'rows', { dash: [5, 4] })],
    hooks: {
      drawClear: [marked(course, color('hatch'), { text: color('paused'), tint: color('tint') })],
      setCursor: [(plot) => point(plot.cursor.idx)],
    },
  };
}

function Plot({ kind, course, columns, testid, label, point }) {
  const place = useRef(null);
  const plot = useRef(null);
  useEffect(() => {
    let gone = false;
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const draw = (UPlot) => {
      if (gone) return;
      plot.current?.destroy();
      plot.current = new UPlot(options(kind, course, place.current.clientWidth, point), columns(), place.current);
    };
    const redraw = () => plotLibrary().then(draw, () => setTimeout(() => gone || redraw(), 1000));
    redraw();
    const sized = new ResizeObserver(() => plot.current?.setSize({ width: place.current.clientWidth, height: HEIGHT }));
    sized.observe(place.current);
    dark.addEventListener('change', redraw);
    return () => {
      gone = true;
      sized.disconnect();
      dark.removeEventListener('change', redraw);
      plot.current?.destroy();
    };
  }, []);
  useEffect(() => plot.current?.setData(columns()), [course.version]);
  return div({
    class: 'plot',
    'data-testid': testid,
    'data-points': course.points.length,
    'data-waits': course.spans().length,
    role: 'img',
    'aria-label': label,
    ref: place,
  });
}

/** What the plots show where the pointer is, else at their end. */
function Readout({ point, course }) {
  const shown = point ?? course.points.at(-1);
  if (!shown) return p({ class: 'readout' }, t('noPoints'));
  const waits = (shown.waits ?? []).map(({ reason, millis }) =>
    t('onHoldFor', { time: format.millis(millis), reason: t(`hold.${reason}`) }),
  );
  return p(
    { class: 'readout', 'aria-hidden': 'true' },
    [
      format.clock(shown.at),
      format.rate(shown.rate),
      shown.chunkMillis != null &&
        t('chunkOf', { time: format.millis(shown.chunkMillis), rows: format.number(shown.chunkRows) }),
      ...waits,
    ]
      .filter(Boolean)
      .join(' · '),
  );
}

export function Plots({ course, batch }) {
  const [at, setAt] = useState(null);
  if (!course.points.length && batch.status !== 'running') return null;
  const most = (member) => Math.max(0, ...course.points.map((point) => point[member] ?? 0));
  const reasons = course.reasons();
  return section(
    { class: 'plots', 'aria-labelledby': 'plots-title' },
    h2({ id: 'plots-title', class: 'unseen' }, t('timeline')),
    div(
      { class: 'plot-pair' },
      div(
        null,
        h3(null, t('plotRate')),
        h(Plot, {
          kind: 'rate',
          course,
          testid: 'plot-rate',
          point: setAt,
          columns: () => course.columns('rate'),
          label: t('plotRateLabel', {
            most: format.rate(most('rate')),
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
          course,
          testid: 'plot-chunk',
          point: setAt,
          columns: () => course.columns('chunkMillis', 'chunkRows'),
          label: t('plotChunkLabel', {
            time: format.millis(most('chunkMillis')),
            rows: format.number(most('chunkRows')),
          }),
        }),
      ),
    ),
    h(Readout, { point: course.points[at], course }),
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
