// Preact, and the few ways of writing elements that the pages share.

const { h, render, Component, Fragment } = window.preact;
export const { useState, useEffect, useLayoutEffect, useRef, useMemo, useCallback } = window.preactHooks;
export { h, render, Component, Fragment };

/** `tags.div(props, ...children)`: the props come first, null where there are none. */
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
export const names = (...given) => given.filter(Boolean).join(' ');

/** Draws only when a prop has changed. */
export class Still extends Component {
  shouldComponentUpdate(next) {
    const before = this.props;
    for (const key in next) if (next[key] !== before[key]) return true;
    for (const key in before) if (!(key in next)) return true;
    return false;
  }
}

/**
 * Sets the length of a bar, by CSSOM as the page's policy allows no style attributes; scaled, which
 * costs no layout.
 */
export const length = (percent) => (element) => {
  if (element) element.style.setProperty('transform', `scaleX(${percent / 100})`);
};
