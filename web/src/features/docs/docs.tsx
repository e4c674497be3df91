/** The protocol as a page, drawn from what the server says about itself. */

import { useEffect, useState } from 'react';
import { useTitle } from '../../app/title';
import { Page } from './page';
import { type AsyncApi, type OpenApi, type Spec, specOf } from './spec';
import { words } from './words';

async function read<T>(path: string): Promise<T> {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return (await answer.json()) as T;
}

async function readSpec(): Promise<Spec> {
  const [socket, http] = await Promise.all([
    read<AsyncApi>('/api/asyncapi.json'),
    read<OpenApi>('/api/openapi.json'),
  ]);
  return specOf(socket, http);
}

export function Docs() {
  useTitle(words.title);
  const [spec, setSpec] = useState<Spec | 'failed' | null>(null);
  useEffect(() => {
    readSpec().then(setSpec, () => setSpec('failed'));
  }, []);
  // In English whatever the reader's language is: so are the documents.
  return (
    <div lang="en" dir="ltr">
      {spec === null ? (
        <p className="docs-note" aria-busy="true">
          {words.loading}
        </p>
      ) : spec === 'failed' ? (
        <p className="docs-note" role="alert">
          {words.failed}
        </p>
      ) : (
        <Page spec={spec} />
      )}
    </div>
  );
}
