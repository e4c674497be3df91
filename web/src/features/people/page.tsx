/** Followers, and who is followed: pages of their own. */

import '../../parts/tabs.css';
import './people.css';

import { Head } from '../../app/head';
import { useTitle } from '../../app/title';
import { Empty } from '../../parts/empty';
import { Link } from '../../parts/link';
import { PeopleBones } from '../../parts/skeleton';
import { useProfile, useUser } from '../../store/hooks';
import { texts } from '../../texts/texts';
import { NotHere } from '../profile/not-here';
import { PeopleList } from './list';

type Direction = 'followers' | 'following';

interface Props {
  name: string;
  direction: Direction;
}

const ALL: readonly Direction[] = ['followers', 'following'];

export function PeoplePage({ name, direction }: Props) {
  const lookup = useProfile(name);
  const person = useUser(lookup?.state === 'ready' ? lookup.user_id : `@${name}`);
  const shown = person?.display_name ?? `@${name}`;
  useTitle(texts.titles[direction](shown));
  return (
    <>
      <Head title={shown} back />
      <nav className="tabs-line" aria-label={texts.profile.kept}>
        {ALL.map((each) => (
          <Link
            key={each}
            href={`/@${name}/${each}`}
            replace
            aria-current={each === direction ? 'page' : undefined}
          >
            {texts.people[each]}
          </Link>
        ))}
      </nav>
      {lookup?.state === 'missing' ? (
        <Empty title={texts.profile.notFoundTitle}>{texts.profile.notFound(name)}</Empty>
      ) : (
        <div className="people-page">
          {person ? (
            <PeopleList
              key={direction}
              list={`${direction}:${person.id}`}
              empty={
                direction === 'followers' ? texts.people.noFollowers : texts.people.noFollowing
              }
            />
          ) : lookup?.state === 'failed' ? (
            <NotHere name={name} />
          ) : (
            <PeopleBones name={texts.people.loading} />
          )}
        </div>
      )}
    </>
  );
}
