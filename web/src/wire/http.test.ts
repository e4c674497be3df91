import { afterEach, expect, test, vi } from 'vitest';
import { createHttp } from './http';
import { Refusal } from './refusal';

const http = createHttp();

function answers(status: number, body: string, headers: Record<string, string> = {}) {
  const fetching = vi.fn((_url: string, _init: RequestInit) =>
    Promise.resolve(new Response(status === 204 ? null : body, { status, headers })),
  );
  vi.stubGlobal('fetch', fetching);
  return fetching;
}

function caught(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((thrown: unknown) => thrown);
}

test('registering sends only what was given, with the cookie of this site', async () => {
  const fetching = answers(201, '{"user": {"id": "1"}}');
  expect(await http.register('ada', 'secret words')).toEqual({ id: '1' });
  const [url, init] = fetching.mock.calls[0] ?? [];
  expect(url).toBe('/api/register');
  expect(init).toMatchObject({ method: 'POST', credentials: 'same-origin' });
  expect(JSON.parse(String(init?.body))).toEqual({ name: 'ada', password: 'secret words' });
});

test('a refusal names its field', async () => {
  answers(409, '{"code": "conflict", "message": "Taken.", "field": "name"}');
  const refusal = await caught(http.register('ada', 'secret words'));
  expect(refusal).toBeInstanceOf(Refusal);
  expect(refusal).toMatchObject({ code: 'conflict', message: 'Taken.', field: 'name' });
});

test('nobody signed in is an answer, not an error', async () => {
  answers(401, '{"code": "unauthenticated", "message": "No."}');
  expect(await http.session()).toBeNull();
});

test.each([
  [502, '<html>', {}, 'unavailable', undefined],
  [503, '', { 'Retry-After': '7' }, 'unavailable', 7],
  [413, 'too large', {}, 'too_long', undefined],
  [429, '[]', { 'Retry-After': 'soon' }, 'rate_limited', undefined],
  [500, 'null', {}, 'internal', undefined],
])(
  '%i from something between us and the server is %s',
  async (status, body, headers, code, wait) => {
    answers(status, body, headers as Record<string, string>);
    const refusal = await caught(http.sessions());
    expect(refusal).toMatchObject({ code });
    expect((refusal as Refusal).retry_after).toBe(wait);
  },
);

test('a page where JSON should be is no answer', async () => {
  answers(200, '<html>');
  expect(await caught(http.sessions())).toMatchObject({ code: 'unavailable' });
});

test('no network is offline', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
  expect(await caught(http.logout())).toMatchObject({ code: 'offline' });
});

test('an answer without a body is fine', async () => {
  const fetching = answers(204, '');
  await http.changePassword('old words', 'new words');
  expect(JSON.parse(String(fetching.mock.calls[0]?.[1].body))).toEqual({
    current: 'old words',
    new: 'new words',
  });
});

/** The part of XMLHttpRequest that an upload uses; the test answers. */
class FakeRequest {
  static last: FakeRequest;
  readonly upload: { onprogress: ((event: object) => void) | null } = { onprogress: null };
  onload: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onabort: (() => void) | null = null;
  ontimeout: (() => void) | null = null;
  onloadend: (() => void) | null = null;
  status = 0;
  responseText = '';
  form: FormData | null = null;
  open = vi.fn();
  setRequestHeader = vi.fn();

  constructor() {
    FakeRequest.last = this;
  }

  getResponseHeader(): string | null {
    return null;
  }

  send(form: FormData): void {
    this.form = form;
  }

  abort(): void {
    this.onabort?.();
  }

  answer(status: number, body: string): void {
    this.status = status;
    this.responseText = body;
    this.onload?.();
    this.onloadend?.();
  }
}

function upload(alt = '', options = {}): Promise<unknown> {
  vi.stubGlobal('XMLHttpRequest', FakeRequest);
  return caught(http.upload(new Blob(['x']), 'a.png', alt, options));
}

afterEach(() => vi.unstubAllGlobals());

test('an upload tells how much has left, and brings the picture', async () => {
  const parts: number[] = [];
  const uploading = upload('A cat.', { onProgress: (part: number) => parts.push(part) });
  const request = FakeRequest.last;
  expect(request.open).toHaveBeenCalledWith('POST', '/api/media');
  expect([...(request.form?.keys() ?? [])]).toEqual(['alt', 'file']);
  request.upload.onprogress?.({ lengthComputable: true, loaded: 1, total: 4 });
  request.upload.onprogress?.({ lengthComputable: false, loaded: 2, total: 0 });
  request.answer(201, '{"media": {"id": "7"}}');
  expect(await uploading).toEqual({ id: '7' });
  expect(parts).toEqual([0.25]);
});

test.each([
  [
    413,
    '{"code": "too_long", "message": "Big.", "field": "file"}',
    { code: 'too_long', field: 'file' },
  ],
  [
    415,
    '{"code": "invalid", "message": "No.", "field": "file"}',
    { code: 'invalid', field: 'file' },
  ],
  [413, 'nginx', { code: 'too_long' }],
])('an upload that is refused with %i says why', async (status, body, expected) => {
  const uploading = upload();
  FakeRequest.last.answer(status, body);
  expect(await uploading).toMatchObject(expected);
});

test('an upload can be called off, before and after it began', async () => {
  const abort = new AbortController();
  const uploading = upload('', { signal: abort.signal });
  abort.abort();
  expect(await uploading).toMatchObject({ code: 'cancelled' });
  expect(await upload('', { signal: abort.signal })).toMatchObject({ code: 'cancelled' });
});

test('an upload without a network is offline', async () => {
  const uploading = upload();
  FakeRequest.last.onerror?.();
  expect(await uploading).toMatchObject({ code: 'offline' });
});
