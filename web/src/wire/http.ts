/** What goes over plain HTTP: the account and pictures. Every call rejects with a Refusal only. */

import type {
  Session as Device,
  Failure,
  Media,
  Sessions,
  Signed,
  SignedSession,
  Ticket,
  Uploaded,
  User,
} from './protocol';
import { Refusal } from './refusal';

/** Where one's own data is to be had, as a file. */
export const EXPORT = '/api/export';

export interface UploadOptions {
  /** Told 0 to 1 as the bytes leave. */
  readonly onProgress?: (part: number) => void;
  readonly signal?: AbortSignal;
}

export interface Http {
  register(name: string, password: string, displayName?: string): Promise<User>;
  login(name: string, password: string): Promise<User>;
  logout(): Promise<void>;
  deleteAccount(password: string): Promise<void>;
  /** Who is signed in here; null: nobody. */
  session(): Promise<SignedSession | null>;
  sessions(): Promise<Device[]>;
  endSession(id: string): Promise<void>;
  changePassword(current: string, next: string): Promise<void>;
  ticket(): Promise<string>;
  upload(file: Blob, name: string, alt: string, options?: UploadOptions): Promise<Media>;
}

/** `base` is empty in the browser: the API is on this site. */
export function createHttp(base = ''): Http {
  const call = <T>(method: string, path: string, body?: object) =>
    ask<T>(`${base}/api${path}`, method, body);
  return {
    async register(name, password, displayName) {
      const more = displayName ? { display_name: displayName } : {};
      return (await call<Signed>('POST', '/register', { name, password, ...more })).user;
    },
    async login(name, password) {
      return (await call<Signed>('POST', '/login', { name, password })).user;
    },
    logout: () => call('POST', '/logout'),
    deleteAccount: (password) => call('DELETE', '/account', { password }),
    async session() {
      try {
        return await call<SignedSession>('GET', '/session');
      } catch (thrown) {
        if (thrown instanceof Refusal && thrown.code === 'unauthenticated') return null;
        throw thrown;
      }
    },
    sessions: async () => (await call<Sessions>('GET', '/sessions')).sessions,
    endSession: (id) => call('DELETE', `/sessions/${encodeURIComponent(id)}`),
    changePassword: (current, next) => call('PUT', '/password', { current, new: next }),
    ticket: async () => (await call<Ticket>('POST', '/ticket')).ticket,
    upload: (file, name, alt, options) => upload(`${base}/api/media`, file, name, alt, options),
  };
}

async function ask<T>(url: string, method: string, body?: object): Promise<T> {
  const json = body === undefined ? {} : { 'Content-Type': 'application/json' };
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method,
      headers: { Accept: 'application/json', ...json },
      credentials: 'same-origin',
      cache: 'no-store',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    text = await response.text();
  } catch {
    throw new Refusal('offline');
  }
  if (!response.ok) throw refusal(response.status, text, response.headers.get('Retry-After'));
  return parsed<T>(text);
}

/** A body that is no JSON comes from something between us and the server. */
function parsed<T>(text: string): T {
  try {
    return (text === '' ? undefined : JSON.parse(text)) as T;
  } catch {
    throw new Refusal('unavailable');
  }
}

const BY_STATUS: Readonly<Record<number, string>> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  413: 'too_long',
  422: 'invalid',
  429: 'rate_limited',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
};

function refusal(status: number, text: string, retryAfter: string | null): Refusal {
  const failure = readFailure(text);
  if (failure !== null) return Refusal.from(failure);
  const code = BY_STATUS[status] ?? (status < 500 ? 'invalid' : 'internal');
  const wait = Number.parseFloat(retryAfter ?? '');
  return new Refusal(code, '', undefined, Number.isFinite(wait) ? wait : undefined);
}

function readFailure(text: string): Failure | null {
  try {
    const body = JSON.parse(text) as Partial<Failure> | null;
    return typeof body?.code === 'string' ? { message: '', ...body, code: body.code } : null;
  } catch {
    return null;
  }
}

/** XMLHttpRequest, because fetch can't tell how much has left. */
function upload(
  url: string,
  file: Blob,
  name: string,
  alt: string,
  { onProgress, signal }: UploadOptions = {},
): Promise<Media> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(new Refusal('cancelled'));
      return;
    }
    const form = new FormData();
    if (alt !== '') form.append('alt', alt);
    form.append('file', file, name);
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    signal?.addEventListener('abort', abort, { once: true });
    request.onloadend = () => signal?.removeEventListener('abort', abort);
    request.upload.onprogress = ({ lengthComputable, loaded, total }) => {
      if (lengthComputable && total > 0) onProgress?.(loaded / total);
    };
    request.onerror = () => reject(new Refusal('offline'));
    request.ontimeout = () => reject(new Refusal('offline'));
    request.onabort = () => reject(new Refusal('cancelled'));
    request.onload = () => {
      const { status, responseText } = request;
      if (status < 200 || status > 299) {
        reject(refusal(status, responseText, request.getResponseHeader('Retry-After')));
        return;
      }
      try {
        resolve(parsed<Uploaded>(responseText).media);
      } catch (thrown) {
        reject(thrown);
      }
    };
    request.open('POST', url);
    request.setRequestHeader('Accept', 'application/json');
    request.send(form);
  });
}
