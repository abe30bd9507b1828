// How a batch went over time: rows per second, chunk time and chunk rows, with its waits marked.

import { h, tags, useEffect, useRef, useState } from './dom.js';
import { t } from './texts.js';
import * as format from './format.js';
import { FINAL } from './parts.js';

const { section, div, h2, h3, p, ul, li, span } = tags;

const MOST_LIVE = 480;
/** A step counts as held back when it waited for this share of its time. */
const HELD = 0.1;
const HEIGHT = 170;

/** The points of the plots: those of `/timeline`, then one for each progress event. */
export class Course {
  constructor() {
    this.points = [];
    this.live = 0;
    this.last = null;
    this.version = 0;
  }

  get long() {
    return this.live > MOST_LIVE;
  }

  reset({ stepMillis, items }, batch) {
    this.points = items.map((item) => ({ ...item, at: Date.parse(item.at), millis: stepMillis }));
    const newest = this.points.at(-1)?.at;
    // The service's clock may be another than this one.
    const behind = newest === undefined ? 0 : newest + stepMillis - Date.now();
    this.skew = batch.status === 'running' && Math.abs(behind) > 5000 ? behind : 0;
    this.live = 0;
    this.remember(batch, Date.now() + this.skew);
    this.version += 1;
  }

  remember({ progress, waits }, at) {
    this.last = { at, rows: progress.rowsScanned, waits: new Map(waits?.map(({ reason, millis }) => [reason, millis])) };
  }

  add(batch) {
    const before = this.last;
    if (!before) return;
    const at = Date.now() + this.skew;
    const millis = at - before.at;
    if (millis < 50) return;
    const { progress, chunk, waits } = batch;
    this.points.push({
      at,
      millis,
      rowsPerSecond: Math.max(0, Math.round(((progress.rowsScanned - before.rows) * 1000) / millis)),
      chunkRows: chunk.rows,
      chunkMillis: chunk.lastMillis ?? null,
      waits: (waits ?? []).map(({ reason, millis: all }) => ({ reason, millis: all - (before.waits.get(reason) ?? 0) }))
        .filter(({ millis: held }) => held > 0),
    });
    this.live += 1;
    this.remember(batch, at);
    this.version += 1;
  }

  columns(...members) {
    return [this.points.map(({ at }) => at / 1000), ...members.map((member) => this.points.map((point) => point[member] ?? null))];
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
  library ??= import('./vendor/uPlot.esm.js').then((module) => {
    const sheet = document.createElement('link');
    Object.assign(sheet, { rel: 'stylesheet', href: '/dashboard/vendor/uPlot.min.css' });
    document.head.append(sheet);
    return module.default;
  }).catch((error) => {
    library = null;
    throw error;
  });
  return library;
}

function hatch(context, color) {
  const tile = document.createElement('canvas');
  tile.width = 8;
  tile.height = 8;
  const pen = tile.getContext('2d');
  pen.strokeStyle = color;
  pen.lineWidth = 1.2;
  pen.beginPath();
  for (const shift of [-8, 0, 8]) {
    pen.moveTo(shift, 8);
    pen.lineTo(shift + 8, 0);
  }
  pen.stroke();
  return context.createPattern(tile, 'repeat');
}

/** Shades the waits behind the lines, and writes what was waited for where there is room. */
const marked = (course, color, ink) => (plot) => {
  const { ctx, bbox } = plot;
  const pattern = hatch(ctx, color);
  const scale = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.font = `${11 * scale}px system-ui, sans-serif`;
  ctx.textBaseline = 'top';
  for (const { from, to, reason } of course.spans()) {
    const left = plot.valToPos(from, 'x', true);
    const wide = Math.max(2 * scale, plot.valToPos(to, 'x', true) - left);
    ctx.fillStyle = pattern;
    ctx.fillRect(left, bbox.top, wide, bbox.height);
    const text = t(`wait.${reason}`);
    const start = Math.max(left, bbox.left) + 4 * scale;
    const room = Math.min(left + wide, bbox.left + bbox.width) - start;
    const needed = ctx.measureText(text).width;
    if (needed > room) continue;
    ctx.fillStyle = ink.back;
    ctx.fillRect(start - 2 * scale, bbox.top + 2 * scale, needed + 4 * scale, 14 * scale);
    ctx.fillStyle = ink.text;
    ctx.fillText(text, start, bbox.top + 4 * scale);
  }
  ctx.restore();
};

function options(kind, course, width, point) {
  const style = getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue(`--${name}`).trim();
  const font = '11px system-ui, sans-serif';
  const axis = (more) => ({
    stroke: color('soft'), font, grid: { stroke: color('line'), width: 1 }, ticks: { show: false }, size: 52,
    values: (_, values) => values.map((value) => (value === null ? '' : format.compact(value))), ...more,
  });
  const line = (name, scale, more) => ({ scale, stroke: color(name), width: 1.5, points: { show: false }, spanGaps: true, ...more });
  const low = (_, min, max) => [0, max > 0 ? max * 1.1 : 1];
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    padding: [8, kind === 'rate' ? 12 : 0, 0, 0],
    cursor: { sync: { key: 'course' }, y: false, drag: { x: false, y: false } },
    scales: { x: { time: true }, y: { range: low }, rows: { range: low } },
    axes: [
      axis({ size: 28, space: 90, grid: { show: false }, values: (_, values) => values.map((value) => format.clock(value * 1000)) }),
      axis({}),
      ...(kind === 'rate' ? [] : [axis({ side: 1, scale: 'rows', grid: { show: false } })]),
    ],
    series: kind === 'rate' ? [{}, line('running', 'y', { fill: color('fill') })]
      : [{}, line('queued', 'y'), line('waiting', 'rows', { dash: [5, 4] })],
    hooks: {
      drawClear: [marked(course, color('hatch'), { text: color('paused'), back: color('panel') })],
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
  return div({ class: 'plot', 'data-testid': testid, role: 'img', 'aria-label': label, ref: place });
}

/** What the plots show where the pointer is, else at their end. */
function Readout({ point, course }) {
  const shown = point ?? course.points.at(-1);
  if (!shown) return p({ class: 'readout' }, t('noCourse'));
  const waits = (shown.waits ?? []).map(({ reason, millis }) =>
    t('waited', { time: format.millis(millis), reason: t(`wait.${reason}`) }));
  return p({ class: 'readout', 'aria-hidden': 'true' }, [
    format.clock(shown.at), format.rate(shown.rowsPerSecond),
    shown.chunkMillis != null && t('chunkOf', { time: format.millis(shown.chunkMillis), rows: format.number(shown.chunkRows) }),
    ...waits,
  ].filter(Boolean).join(' · '));
}

export function Plots({ course, batch }) {
  const [at, setAt] = useState(null);
  if (!course.points.length && (FINAL.has(batch.status) || !batch.startedAt)) return null;
  const most = (member) => Math.max(0, ...course.points.map((point) => point[member] ?? 0));
  const reasons = [...new Set(course.spans().map(({ reason }) => reason))];
  return section({ class: 'plots', 'aria-labelledby': 'plots-title' },
    h2({ id: 'plots-title', class: 'unseen' }, t('course')),
    div({ class: 'plot-pair' },
      div(null, h3(null, t('plotRate')), h(Plot, {
        kind: 'rate', course, testid: 'plot-rate', point: setAt, columns: () => course.columns('rowsPerSecond'),
        label: t('plotRateLabel', { most: format.rate(most('rowsPerSecond')), waits: reasons.map((one) => t(`wait.${one}`)).join(', ') || t('none') }),
      })),
      div(null, h3(null,
        span({ class: 'key line-queued' }, t('plotChunkTime')), ' ', span({ class: 'key line-waiting' }, t('plotChunkRows'))),
      h(Plot, {
        kind: 'chunk', course, testid: 'plot-chunk', point: setAt, columns: () => course.columns('chunkMillis', 'chunkRows'),
        label: t('plotChunkLabel', { time: format.millis(most('chunkMillis')), rows: format.number(most('chunkRows')) }),
      }))),
    h(Readout, { point: course.points[at], course }),
    reasons.length > 0 && ul({ class: 'keys' }, reasons.map((reason) =>
      li({ key: reason }, span({ class: 'hatch' }), t('heldBy', { reason: t(`wait.${reason}`) })))));
}
