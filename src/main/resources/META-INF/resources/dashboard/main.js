// Starts the dashboard: the frame's texts, the page that the address names, and the connection's state.

import { h, render, tags, useEffect, useLayoutEffect, useRef, useState } from './dom.js';
import { language, t } from './texts.js';
import { get, keepAsking, lookAgain } from './api.js';
import { lostUntil, onConnection } from './connection.js';
import { onPlace, place } from './router.js';
import { Overview } from './overview.js';
import { began, ended, may, session, useSession } from './session.js';
import { OpenNote, SignIn, Who } from './signin.js';

const { div, p, h1, a } = tags;

// The other pages are loaded when they are first asked for.
const PAGES = {
  batches: async () => (await import('./batch.js')).BatchPage,
  start: async () => (await import('./start.js')).StartPage,
  history: async () => (await import('./history.js')).HistoryPage,
};

/** A page's code; asked for again while the service is away. */
async function load(name) {
  for (;;) {
    try {
      return await PAGES[name]();
    } catch {
      await new Promise((later) => {
        setTimeout(later, 1000);
      });
    }
  }
}

const NotFound = () => div(null, h1(null, t('notFound')), p(null, a({ href: '#/' }, t('overview'))));

function frame() {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll('[data-text]')) element.textContent = t(element.dataset.text);
  for (const element of document.querySelectorAll('[data-label]')) {
    element.setAttribute('aria-label', t(element.dataset.label));
  }
}

function Connection() {
  const [, draw] = useState(0);
  const until = lostUntil();
  // At once, here and below, or what is told before the first painting were missed.
  useLayoutEffect(() => onConnection(() => draw((n) => n + 1)), []);
  useEffect(() => {
    if (until === null) return undefined;
    const timer = setInterval(() => draw((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, [until]);
  if (until === null) return null;
  const seconds = Math.max(1, Math.ceil((until - Date.now()) / 1000));
  return div(
    { class: 'connection', 'data-testid': 'connection' },
    t('connectionLost'),
    ' ',
    tags.span({ 'aria-hidden': 'true' }, t('nextRetry', { n: seconds })),
  );
}

/** The page that the address names. */
function Pages() {
  const [at, setAt] = useState(place());
  const [page, setPage] = useState(at.page === '' ? { name: '', Page: Overview } : null);
  const first = useRef(true);

  useLayoutEffect(() => onPlace(() => setAt(place())), []);

  useEffect(() => {
    let left = false;
    for (const element of document.querySelectorAll('[data-page]')) {
      if (element.dataset.page === at.page) element.setAttribute('aria-current', 'page');
      else element.removeAttribute('aria-current');
    }
    const show = (Page) => !left && setPage({ name: at.page, Page });
    if (at.page === '') show(Overview);
    else if (PAGES[at.page]) load(at.page).then(show);
    else show(NotFound);
    if (!first.current) {
      document.getElementById('main').focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    first.current = false;
    return () => {
      left = true;
    };
  }, [at.page, at.id]);

  return page?.name === at.page ? h(page.Page, { key: `${at.page}/${at.id}`, id: at.id, query: at.query }) : null;
}

function App() {
  const who = useSession();
  useEffect(() => {
    document.querySelector('.top nav').hidden = who === null;
    document.querySelector('[data-page=start]').hidden = Boolean(who) && !may('operator');
  }, [who]);
  if (who === undefined) return null;
  return who === null ? h(SignIn) : h(Pages, { key: `${who.name} ${who.role}` });
}

frame();
const main = document.getElementById('main');
main.textContent = '';
render(h(App), main);
render(h(Connection), document.getElementById('connection'));
render(h(Who), document.getElementById('who'));
render(h(OpenNote), document.getElementById('note'));

keepAsking(
  () => get('session'),
  began,
  () => ended(session()),
);
// Meanwhile another tab may have signed in or out.
document.addEventListener('visibilitychange', () => document.hidden || lookAgain());

// So that the next page is there when the service is not.
addEventListener('load', () => setTimeout(() => Object.keys(PAGES).forEach(load), 1000));
