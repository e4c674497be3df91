/** The box to type a search into. */

import '../../ui/field.css';
import '../../ui/keyboard.css';
import './field.css';

import { Search } from 'lucide-react';
import { type FormEvent, useEffect, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { LONGEST, questionOf, searchPath } from '../../parts/search-address';
import { texts } from '../../texts/texts';
import { Icon } from '../../ui/icon';

interface Props {
  /** The cursor stands in it as soon as it is there. */
  first?: boolean;
}

export function SearchField({ first = false }: Props) {
  const [path, navigate] = useLocation();
  const search = useSearch();
  const { q, kind } = questionOf(path === '/search' ? search : '');
  const [typed, setTyped] = useState(q);
  useEffect(() => setTyped(q), [q]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const asked = typed.trim();
    if (asked !== '' && (asked !== q || path !== '/search')) navigate(searchPath(asked, kind));
  };
  return (
    <search>
      <form className="searchbox" onSubmit={submit}>
        <Icon of={Search} />
        <input
          className="input"
          type="search"
          enterKeyHint="search"
          autoComplete="off"
          dir="auto"
          // biome-ignore lint/a11y/noAutofocus: the page that one opens to type into.
          autoFocus={first}
          data-key="/"
          maxLength={LONGEST}
          placeholder={texts.search.placeholder}
          aria-label={texts.search.field}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <span className="key" aria-hidden="true">
          /
        </span>
      </form>
    </search>
  );
}
