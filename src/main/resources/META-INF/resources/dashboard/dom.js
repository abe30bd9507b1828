// Preact, and the helpers with which the pages create elements.

const { h, render, Component, Fragment } = window.preact;
export const { useState, useEffect, useLayoutEffect, useRef, useMemo, useCallback, useId } = window.preactHooks;
export { h, render, Component, Fragment };

/** Creates elements by `tags.div(props, ...children)`. The props come first; null stands for none. */
export const tags = new Proxy(
  {},
  {
    get:
      (_, name) =>
      (props, ...children) =>
        h(name, props, ...children),
  },
);

/** Joins the class names that are not empty. */
export const classNames = (...given) => given.filter(Boolean).join(' ');

/** Renders only when a prop has changed. */
export class PureComponent extends Component {
  shouldComponentUpdate(next) {
    const before = this.props;
    for (const key in next) if (next[key] !== before[key]) return true;
    for (const key in before) if (!(key in next)) return true;
    return false;
  }
}

/**
 * Sets the length of a bar. It uses CSSOM, because the page's policy allows no style attributes, and a transform,
 * because that causes no layout.
 */
export const barLength = (percent) => (element) => {
  if (element) element.style.setProperty('transform', `scaleX(${percent / 100})`);
};
