/** The address of a search: the question is in it, so it can be sent, kept and gone back to. */

export type Kind = 'posts' | 'people';

export interface Question {
  q: string;
  kind: Kind;
}

/** As many characters as the server takes. */
export const LONGEST = 200;

export function searchPath(q: string, kind: Kind = 'posts'): string {
  if (q === '') return '/search';
  const asked = new URLSearchParams(kind === 'posts' ? { q } : { q, kind });
  return `/search?${asked}`;
}

/** What the part behind the `?` asks for. */
export function questionOf(search: string): Question {
  const asked = new URLSearchParams(search);
  const q = (asked.get('q') ?? '').replaceAll('\0', '').trim();
  return {
    q: [...q].slice(0, LONGEST).join(''),
    kind: asked.get('kind') === 'people' ? 'people' : 'posts',
  };
}
