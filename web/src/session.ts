// The session of this browser.
//
// The refresh token is in a cookie that no script can read, and that is sent to /session alone. The access token is kept
// here, in memory, and renewed before it ends. All tabs have one session: they renew one after the other, tell each other
// the new token, and end together. The explorer uses this module too, so it depends on nothing else.

/** What went wrong when the session endpoint refused something. */
export class SessionError extends Error {
  readonly code: string;
  /** The input that is wrong, if one is. */
  readonly field: string | undefined;

  constructor(code: string, message: string, field?: string) {
    super(message);
    this.code = code;
    this.field = field;
  }
}

interface Token {
  value: string;
  /** In milliseconds since 1970, by the clock of this machine. */
  expiresAt: number;
}

/** What tabs tell each other. */
type Notice = { type: 'token'; token: Token } | { type: 'signed-in' } | { type: 'signed-out' };

/** A token that ends within this time is renewed first. */
const MARGIN = 30_000;

let token: Token | null = null;
let renewing: Promise<string | null> | null = null;
const listeners = new Set<(event: 'signed-in' | 'signed-out' | 'changed-elsewhere') => void>();
const tabs = new BroadcastChannel('otpwire-session');

tabs.onmessage = ({ data }: MessageEvent<Notice>) => {
  switch (data.type) {
    case 'token':
      // A tab that is signed out learns of a new session by `signed-in`.
      if (token) token = data.token;
      break;
    case 'signed-in':
      tell('changed-elsewhere');
      break;
    case 'signed-out':
      token = null;
      tell('signed-out');
  }
};

function tell(event: 'signed-in' | 'signed-out' | 'changed-elsewhere'): void {
  for (const listener of listeners) listener(event);
}

/** Calls back when the session begins or ends here, or another tab begins one. */
export function onSessionChange(listener: (event: 'signed-in' | 'signed-out' | 'changed-elsewhere') => void): void {
  listeners.add(listener);
}

/** An access token that is good for a while, or null when nobody is signed in. Fails when the server is not reached. */
export async function accessToken(): Promise<string | null> {
  if (token && token.expiresAt - MARGIN > Date.now()) return token.value;
  return token ? renew() : null;
}

/** Takes a new access token by the cookie, whatever there is now. Null when the session is over, or there is none. */
export function renew(): Promise<string | null> {
  renewing ??= inTurn(renewNow).finally(() => (renewing = null));
  return renewing;
}

/** Of the tabs of this browser, one after the other. */
async function inTurn<T>(work: (replaced: Token | null) => Promise<T>): Promise<T> {
  const replaced = token;
  // Browsers have locks only where the connection is secure. Without them, the server lets tabs renew at once.
  return navigator.locks ? navigator.locks.request('otpwire-session', () => work(replaced)) : work(replaced);
}

async function renewNow(replaced: Token | null): Promise<string | null> {
  // Another tab may have told its new token while this one waited for its turn.
  if (token && token !== replaced && token.expiresAt - MARGIN > Date.now()) return token.value;
  const response = await call('/session/refresh');
  if (response.status === 204) {
    const wasSignedIn = token !== null;
    token = null;
    if (wasSignedIn) tell('signed-out');
    return null;
  }
  return keep(await response.json());
}

function keep({ access_token, expires_in }: { access_token: string; expires_in: number }): string {
  token = { value: access_token, expiresAt: Date.now() + expires_in * 1000 };
  tabs.postMessage({ type: 'token', token } satisfies Notice);
  return access_token;
}

/** Begins a session with a password, or with the token of a link that signs in once. */
export async function signIn(with_: { email: string; password: string } | { sign_in_token: string }): Promise<void> {
  const response = await call('/session', with_);
  keep(await response.json());
  tabs.postMessage({ type: 'signed-in' } satisfies Notice);
  tell('signed-in');
}

/** Changes the password. Every other session of the account ends, and its API keys if they are to. */
export async function changePassword(current_password: string, new_password: string, revoke_api_keys: boolean): Promise<void> {
  const response = await call('/session/password', { current_password, new_password, revoke_api_keys }, await accessToken());
  keep(await response.json());
}

/** Ends the session in this browser, in all its tabs. */
export async function signOut(): Promise<void> {
  await call('/session/end');
  token = null;
  tabs.postMessage({ type: 'signed-out' } satisfies Notice);
  tell('signed-out');
}

async function call(path: string, body?: object, bearer?: string | null): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (body) headers['content-type'] = 'application/json';
  if (bearer) headers['authorization'] = `Bearer ${bearer}`;
  let response: Response;
  try {
    response = await fetch(path, { method: 'POST', headers, ...(body && { body: JSON.stringify(body) }) });
  } catch {
    throw new SessionError('OFFLINE', 'The server cannot be reached.');
  }
  if (response.ok) return response;
  const error = await response.json().catch(() => null);
  throw new SessionError(
    error?.code ?? 'UNAVAILABLE',
    error?.details?.issue ?? error?.message ?? `The server answered ${response.status}.`,
    error?.details?.field,
  );
}
