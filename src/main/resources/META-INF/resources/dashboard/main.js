// Starts the dashboard: the texts of the frame, the page of the current route, and the connection status.

import { h, render, tags, useEffect, useLayoutEffect, useRef, useState } from './dom.js';
import { language, t } from './texts.js';
import { get, poll, refreshSession } from './api.js';
import { nextRetryAt, onConnectionChange } from './connection.js';
import { onRouteChange, route } from './router.js';
import { Overview } from './overview.js';
import { setSession, endSession, may, session, useSession } from './session.js';
import { OpenNote, SignIn, Who } from './signin.js';

const { div, p, h1, a } = tags;

// The other pages are loaded on first use.
const PAGES = {
  batches: async () => (await import('./batch.js')).BatchPage,
  start: async () => (await import('./start.js')).StartPage,
  schedules: async () => (await import('./schedules.js')).SchedulesPage,
  'schedule-form': async () => (await import('./schedule-form.js')).ScheduleFormPage,
  'retention-form': async () => (await import('./retention-form.js')).RetentionFormPage,
  chains: async () => (await import('./chains.js')).ChainsPage,
  'chain-form': async () => (await import('./chain-form.js')).ChainFormPage,
  history: async () => (await import('./history.js')).HistoryPage,
};

/** Maps pages without a link in the frame to the page that has one. */
const SECTIONS = { 'schedule-form': 'schedules', 'retention-form': 'schedules', 'chain-form': 'chains' };

/** Loads the code of a page, with retries while the service is unavailable. */
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
  const until = nextRetryAt();
  // A layout effect, here and below, runs before the first paint, so no change is missed.
  useLayoutEffect(() => onConnectionChange(() => draw((n) => n + 1)), []);
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

/** Shows the page of the current route. */
function Pages() {
  const [at, setAt] = useState(route());
  const [page, setPage] = useState(at.page === '' ? { name: '', Page: Overview } : null);
  const first = useRef(true);

  useLayoutEffect(() => onRouteChange(() => setAt(route())), []);

  useEffect(() => {
    let left = false;
    for (const element of document.querySelectorAll('[data-page]')) {
      if (element.dataset.page === (SECTIONS[at.page] ?? at.page)) element.setAttribute('aria-current', 'page');
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

poll(
  () => get('session'),
  setSession,
  () => endSession(session()),
);
// Another tab may have signed in or out while this one was hidden.
document.addEventListener('visibilitychange', () => document.hidden || refreshSession());

// Preloads the other pages, so that they open even while the service is unavailable.
addEventListener('load', () => setTimeout(() => Object.keys(PAGES).forEach(load), 1000));
