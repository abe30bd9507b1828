// Signing in and out, and the parts of the frame that say who is signed in.

import { h, tags, names, useEffect, useRef, useState } from './dom.js';
import { t } from './texts.js';
import { post, remove } from './api.js';
import { began, ended, useSession, whyEnded } from './session.js';
import { Field, ProblemBox, useAsk } from './parts.js';

const { div, form, h1, p, button, input, span, aside, strong } = tags;

/** The seconds until a moment, each second anew; 0 when it is over or there is none. */
function useSecondsUntil(moment) {
  const [now, setNow] = useState(Date.now());
  const left = Math.max(0, Math.ceil(((moment ?? 0) - now) / 1000));
  useEffect(() => setNow(Date.now()), [moment]);
  useEffect(() => {
    if (left === 0) return undefined;
    const timer = setTimeout(() => setNow(Date.now()), 1000);
    return () => clearTimeout(timer);
  }, [left, now]);
  return left;
}

/** What the service says of a token that it does not take; in fewer words where the page knows better. */
function Refused({ problem, seconds }) {
  if (problem.type === 'unauthorized') {
    return p(
      { class: 'problem', role: 'alert', 'data-testid': 'problem', 'data-type': problem.type },
      strong(null, t('invalidToken')),
    );
  }
  const wait = problem.retryAfter !== null;
  return h(
    ProblemBox,
    { problem, brief: wait },
    wait && p({ 'aria-live': 'off' }, seconds > 0 ? t('tryIn', { n: seconds }) : t('tryNow')),
  );
}

export function SignIn() {
  const field = useRef(null);
  const { busy, problem, ask } = useAsk();
  const [openAt, setOpenAt] = useState(null);
  const seconds = useSecondsUntil(openAt);
  const why = whyEnded();
  useEffect(() => {
    document.title = `${t('signIn')} · Rowmill`;
    field.current.focus();
  }, []);

  const submit = async (event) => {
    event.preventDefault();
    const token = field.current.value.trim();
    if (busy || seconds > 0) return;
    if (token) await ask('sign-in', () => post('session', { token }).then(welcome, refuse));
    field.current?.focus();
    field.current?.select();
  };
  const welcome = (answer) => {
    document.getElementById('main').focus({ preventScroll: true });
    began(answer);
  };
  const refuse = (refused) => {
    if (refused.retryAfter !== null) setOpenAt(Date.now() + refused.retryAfter * 1000);
    throw refused;
  };

  return div(
    { class: 'sign-in', 'data-testid': 'sign-in' },
    h1(null, t('signIn')),
    why && p({ class: 'notice', id: 'why', 'data-testid': 'why' }, t(why)),
    // Sent by the script alone: the page's policy lets no form go anywhere.
    form(
      { onSubmit: submit, method: 'post', noValidate: true },
      h(Field, { label: t('token'), hint: t('tokenHint') }, (props) =>
        input({
          ...props,
          'aria-describedby': names(props['aria-describedby'], why && 'why'),
          ref: field,
          type: 'password',
          'data-testid': 'token',
          autocomplete: 'current-password',
          autocapitalize: 'off',
          spellcheck: false,
          required: true,
        }),
      ),
      problem && h(Refused, { problem, seconds }),
      div(
        { class: 'buttons' },
        button(
          {
            type: 'submit',
            class: 'primary',
            'data-testid': 'sign-in-submit',
            'aria-disabled': Boolean(busy) || seconds > 0,
          },
          t('signIn'),
        ),
      ),
    ),
  );
}

/** Name and role of who is signed in, and the way out. */
export function Who() {
  const who = useSession();
  const { busy, problem, ask } = useAsk();
  if (!who || who.auth === 'open') return null;
  const leave = async () => {
    await remove('session');
    // What was typed is not for who comes next.
    sessionStorage.clear();
    ended(who, 'signedOut');
  };
  return div(
    { class: 'who' },
    span({ class: 'name', 'data-testid': 'who', title: who.name }, who.name),
    span({ class: 'role', 'data-testid': 'role' }, t(`role.${who.role}`)),
    button(
      {
        type: 'button',
        'data-testid': 'sign-out',
        'aria-disabled': Boolean(busy),
        onClick: () => busy || ask('sign-out', leave),
      },
      t('signOut'),
    ),
    problem && span({ class: 'fault', role: 'alert' }, problem.document.title),
  );
}

/** Says so when nobody needs to sign in. */
export function OpenNote() {
  const who = useSession();
  return who?.auth === 'open'
    ? aside({ class: 'open-note', 'data-testid': 'open-note', 'aria-label': t('openLabel') }, t('open'))
    : null;
}
