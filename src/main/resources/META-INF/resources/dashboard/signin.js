// Signing in and out, and the parts of the frame that show the user.

import { h, tags, classNames, useEffect, useRef, useState } from './dom.js';
import { t } from './texts.js';
import { post, remove } from './api.js';
import { setSession, endSession, useSession, whyEnded } from './session.js';
import { Field, ProblemBox, useRequest } from './parts.js';

const { div, form, h1, p, button, input, span, aside, strong } = tags;

/** Returns the seconds until a moment, updated each second; 0 if it has passed or there is none. */
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

/** Shows why the service rejected a token, with a shorter text for known reasons. */
function Rejection({ problem, seconds }) {
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
  const { busy, problem, send } = useRequest();
  const [openAt, setOpenAt] = useState(null);
  const seconds = useSecondsUntil(openAt);
  const reason = whyEnded();
  useEffect(() => {
    document.title = `${t('signIn')} · Rowmill`;
    field.current.focus();
  }, []);

  const submit = async (event) => {
    event.preventDefault();
    const token = field.current.value.trim();
    if (busy || seconds > 0) return;
    if (token) await send('sign-in', () => post('session', { token }).then(onSession, onRejected));
    field.current?.focus();
    field.current?.select();
  };
  const onSession = (session) => {
    document.getElementById('main').focus({ preventScroll: true });
    setSession(session);
  };
  const onRejected = (refused) => {
    if (refused.retryAfter !== null) setOpenAt(Date.now() + refused.retryAfter * 1000);
    throw refused;
  };

  return div(
    { class: 'sign-in', 'data-testid': 'sign-in' },
    h1(null, t('signIn')),
    reason && p({ class: 'notice', id: 'why', 'data-testid': 'why' }, t(reason)),
    // The script sends the form, as the page's policy forbids form submissions.
    form(
      { onSubmit: submit, method: 'post', noValidate: true },
      h(Field, { label: t('token'), hint: t('tokenHint') }, (props) =>
        input({
          ...props,
          'aria-describedby': classNames(props['aria-describedby'], reason && 'why'),
          ref: field,
          type: 'password',
          'data-testid': 'token',
          autocomplete: 'current-password',
          autocapitalize: 'off',
          spellcheck: false,
          required: true,
        }),
      ),
      problem && h(Rejection, { problem, seconds }),
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

/** Shows the name and role of the user, and the button to sign out. */
export function Who() {
  const who = useSession();
  const { busy, problem, send } = useRequest();
  if (!who || who.auth === 'open') return null;
  const signOut = async () => {
    await remove('session');
    // The next user must not see the form's draft.
    sessionStorage.clear();
    endSession(who, 'signedOut');
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
        onClick: () => busy || send('sign-out', signOut),
      },
      t('signOut'),
    ),
    problem && span({ class: 'fault', role: 'alert' }, problem.document.title),
  );
}

/** Shows a note in open mode, where nobody signs in. */
export function OpenNote() {
  const who = useSession();
  return who?.auth === 'open'
    ? aside({ class: 'open-note', 'data-testid': 'open-note', 'aria-label': t('openLabel') }, t('open'))
    : null;
}
