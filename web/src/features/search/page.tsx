/** Search: posts or people that hold what the address asks for. */

import '../../parts/tabs.css';

import { useSearch } from 'wouter';
import { Head } from '../../app/head';
import { useTitle } from '../../app/title';
import { Empty } from '../../parts/empty';
import { Link } from '../../parts/link';
import { type Kind, questionOf, searchPath } from '../../parts/search-address';
import { useTimeline } from '../../store/hooks';
import type { TimelineKey } from '../../store/types';
import { texts } from '../../texts/texts';
import { PeopleList } from '../people/list';
import { Feed } from '../timeline/feed';
import { Waiting } from '../timeline/waiting';
import { SearchField } from './field';

const KINDS: readonly Kind[] = ['posts', 'people'];

export function SearchPage() {
  const { q, kind } = questionOf(useSearch());
  const list: TimelineKey | null = q !== '' && kind === 'posts' ? `search:${q}` : null;
  const timeline = useTimeline(list);
  useTitle(
    q === '' ? texts.search.title : texts.search.found(q),
    list === null ? 0 : timeline?.waiting.length,
  );
  return (
    <>
      <Head title={texts.search.title} field={<SearchField key="field" first={q === ''} />}>
        <Waiting timeline={list === null ? undefined : timeline} />
      </Head>
      {q === '' ? (
        <Empty drawing="wire" title={texts.search.beginTitle}>
          {texts.search.begin}
        </Empty>
      ) : (
        <nav className="tabs-line" aria-label={texts.search.kinds}>
          {KINDS.map((each) => (
            <Link
              key={each}
              href={searchPath(q, each)}
              replace
              aria-current={each === kind ? 'page' : undefined}
            >
              {texts.search[each]}
            </Link>
          ))}
        </nav>
      )}
      {list === null ? null : (
        <Feed
          key={list}
          list={list}
          timeline={timeline}
          name={texts.search.results}
          empty={<Empty title={texts.search.nothing(q)}>{texts.search.noPosts}</Empty>}
        />
      )}
      {q !== '' && kind === 'people' ? (
        <div className="people-page">
          <PeopleList
            key={q}
            list={`search:${q}`}
            empty={<Empty title={texts.search.nothing(q)}>{texts.search.noPeople}</Empty>}
          />
        </div>
      ) : null}
    </>
  );
}
