// Draws steps that need each other as a graph, in layers: each step is in the layer after the last one that it needs.

import { h, tags, classNames, useLayoutEffect, useMemo, useRef, useState } from './dom.js';
import { ScrollBox } from './parts.js';

const { div, svg, g, path, foreignObject } = tags;

const HEIGHT = 56;
/** The widths between which nodes are drawn, in pixels. */
const WIDTHS = { beside: [150, 220], below: [104, 220] };
/** Distance of neighbours in a layer. */
const GAP = 14;
/** Distance of layers, which the lines cross. */
const SPACE = 46;
/** Room of a line that passes a layer. */
const PASS = 8;
const ARROW = 6;
const SWEEPS = 8;
/** Room for the outline of a node that has the focus. */
const MARGIN = 4;

const mean = (values) => values.reduce((sum, one) => sum + one, 0) / values.length;

/** Returns the number of each step's layer by its key. */
function layerNumbers(steps) {
  const byKey = new Map(steps.map((step) => [step.key, step]));
  const found = new Map();
  const layerOf = (key) => {
    if (!found.has(key)) {
      // Set first, so that a cycle ends.
      found.set(key, 0);
      found.set(key, Math.max(0, ...byKey.get(key).needs.map((need) => layerOf(need) + 1)));
    }
    return found.get(key);
  };
  steps.forEach(({ key }) => layerOf(key));
  return found;
}

/** Orders each layer by the places of its neighbours in the layer before, or after, so that few lines cross. */
function untangle(layers) {
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const down = sweep % 2 === 0;
    for (const layer of down ? layers : [...layers].reverse()) {
      layer.forEach((point, place) => {
        const near = down ? point.before : point.after;
        point.wish = near.length ? mean(near.map((one) => one.place)) : place;
      });
      layer.sort((one, other) => one.wish - other.wish);
      layer.forEach((point, place) => {
        point.place = place;
      });
    }
  }
}

/**
 * Returns the layers with their points, and the lines. A point is a step, or where a line passes a layer.
 *
 * @param steps the steps, each `{key, needs}` with the keys of other steps
 */
export function arrange(steps) {
  const numbers = layerNumbers(steps);
  const layers = [];
  const add = (layer, key) => {
    const point = { key, layer, before: [], after: [] };
    layers[layer] ??= [];
    point.place = layers[layer].push(point) - 1;
    return point;
  };
  const nodes = new Map(steps.map(({ key }) => [key, add(numbers.get(key), key)]));
  const lines = steps.flatMap(({ key, needs }) =>
    needs.map((need) => {
      const points = [nodes.get(need)];
      for (let layer = numbers.get(need) + 1; layer < numbers.get(key); layer++) points.push(add(layer, null));
      points.push(nodes.get(key));
      for (let i = 1; i < points.length; i++) {
        points[i].before.push(points[i - 1]);
        points[i - 1].after.push(points[i]);
      }
      return { from: need, to: key, points };
    }),
  );
  untangle(layers);
  return { layers, lines };
}

/** Returns the layout's direction and the width of its nodes: layers side by side if there is room, else below each other. */
function sizes({ layers }, room) {
  const within = ([least, most], width) => Math.max(least, Math.min(most, Math.floor(width)));
  const beside = (room - (layers.length - 1) * SPACE) / layers.length;
  if (beside >= WIDTHS.beside[0]) return { beside: true, width: within(WIDTHS.beside, beside) };
  const widths = layers.map((layer) => {
    const nodes = layer.filter(({ key }) => key !== null).length;
    return (room - (layer.length - 1) * GAP - (layer.length - nodes) * PASS) / nodes;
  });
  return { beside: false, width: within(WIDTHS.below, Math.min(...widths)) };
}

/** Places the points of a layer near the middle of their neighbours, in their order, between 0 and the extent. */
function place(layer, sizeOf, extent, neighbours) {
  const wishes = layer.map((point) => {
    const near = neighbours(point);
    return near.length ? mean(near.map(({ at }) => at)) : point.at;
  });
  const apart = (i) => (sizeOf(layer[i]) + sizeOf(layer[i + 1])) / 2 + GAP;
  const last = layer.length - 1;
  const [low, high, left, right] = [[], [], [], []];
  for (let i = 0; i <= last; i++) {
    low[i] = i ? low[i - 1] + apart(i - 1) : sizeOf(layer[0]) / 2;
    left[i] = Math.max(wishes[i], i ? left[i - 1] + apart(i - 1) : low[0]);
  }
  for (let i = last; i >= 0; i--) {
    high[i] = i < last ? high[i + 1] - apart(i) : extent - sizeOf(layer[last]) / 2;
    right[i] = Math.min(wishes[i], i < last ? right[i + 1] - apart(i) : high[last]);
  }
  layer.forEach((point, i) => {
    point.at = Math.max(low[i], Math.min(high[i], (left[i] + right[i]) / 2));
  });
}

/**
 * Returns the places of the steps and the lines in a width.
 *
 * @param arranged the result of `arrange`
 * @param room the width that is available, in pixels
 */
export function layout(arranged, room) {
  const { layers, lines } = arranged;
  const { beside, width } = sizes(arranged, room);
  const across = beside ? HEIGHT : width;
  const along = beside ? width : HEIGHT;
  const sizeOf = ({ key }) => (key === null ? PASS : across);
  const extents = layers.map((layer) => layer.reduce((sum, point) => sum + sizeOf(point) + GAP, -GAP));
  const extent = Math.max(...extents);
  layers.forEach((layer, i) => {
    let at = (extent - extents[i]) / 2;
    for (const point of layer) {
      point.at = at + sizeOf(point) / 2;
      at += sizeOf(point) + GAP;
    }
  });
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    if (sweep % 2 === 0) layers.forEach((layer) => place(layer, sizeOf, extent, ({ before }) => before));
    else [...layers].reverse().forEach((layer) => place(layer, sizeOf, extent, ({ after }) => after));
  }
  const start = ({ layer }) => layer * (along + SPACE);
  const xy = (a, b) => (beside ? `${a} ${b}` : `${b} ${a}`);
  const drawn = ({ from, to, points }) => {
    const parts = [`M${xy(start(points[0]) + along, points[0].at)}`];
    for (let i = 1; i < points.length; i++) {
      const [a, b] = [start(points[i - 1]) + along, start(points[i])];
      const end = i === points.length - 1 ? b - ARROW : b;
      const middle = (a + end) / 2;
      parts.push(`C${xy(middle, points[i - 1].at)} ${xy(middle, points[i].at)} ${xy(end, points[i].at)}`);
      if (i < points.length - 1) parts.push(`L${xy(b + along, points[i].at)}`);
    }
    const { at } = points.at(-1);
    const tip = start(points.at(-1));
    return {
      from,
      to,
      path: parts.join(''),
      arrow: `M${xy(tip - ARROW - 2, at - ARROW / 1.5)}L${xy(tip, at)}L${xy(tip - ARROW - 2, at + ARROW / 1.5)}z`,
    };
  };
  const total = layers.length * along + (layers.length - 1) * SPACE;
  return {
    width: beside ? total : extent,
    height: beside ? extent : total,
    nodes: layers
      .flat()
      .filter(({ key }) => key !== null)
      .map((point) => {
        const [a, b] = [start(point), point.at - across / 2];
        return { key: point.key, x: beside ? a : b, y: beside ? b : a, width };
      }),
    lines: lines.map(drawn),
  };
}

/** Returns a reference to an element, and its width in pixels, which is 0 until it is known. */
function useWidth() {
  const element = useRef(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
    setWidth(element.current.clientWidth);
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return [element, width];
}

/**
 * Draws the graph. Layers are side by side if there is room, else below each other.
 *
 * @param steps the steps, each `{key, needs, status}`
 * @param node renders the content of a step's node
 */
export function StepGraph({ steps, label, node }) {
  const [element, room] = useWidth();
  const [near, setNear] = useState(null);
  const shape = JSON.stringify(steps.map(({ key, needs }) => [key, needs]));
  const arranged = useMemo(() => arrange(steps), [shape]);
  const shown = useMemo(() => (room && steps.length ? layout(arranged, room - 2 * MARGIN) : null), [arranged, room]);
  const byKey = new Map(steps.map((step) => [step.key, step]));
  return h(
    ScrollBox,
    { label, testid: 'graph', plain: true },
    div(
      { ref: element, class: 'graph' },
      shown &&
        svg(
          {
            width: shown.width + 2 * MARGIN,
            height: shown.height + 2 * MARGIN,
            viewBox: `${-MARGIN} ${-MARGIN} ${shown.width + 2 * MARGIN} ${shown.height + 2 * MARGIN}`,
            class: near === null ? null : 'chosen',
          },
          g(
            { 'aria-hidden': 'true' },
            shown.lines.map(({ from, to, path: curve, arrow }) =>
              g(
                {
                  key: `${from} ${to}`,
                  class: classNames('line-of', `after-${byKey.get(from).status}`, (near === from || near === to) && 'near'),
                  'data-testid': 'graph-line',
                },
                path({ class: 'curve', d: curve }),
                path({ class: 'tip', d: arrow }),
              ),
            ),
          ),
          shown.nodes.map(({ key, ...box }) =>
            foreignObject(
              {
                key,
                ...box,
                height: HEIGHT,
                onMouseEnter: () => setNear(key),
                onMouseLeave: () => setNear(null),
                onFocusIn: () => setNear(key),
                onFocusOut: () => setNear(null),
              },
              node(byKey.get(key)),
            ),
          ),
        ),
    ),
  );
}
