/** A list of people: followers, followed, who reacted, who retweeted. */

import './people.css';

import type { ReactNode } from 'react';
import { Person as PersonRow } from '../../parts/person';
import { PeopleBones } from '../../parts/skeleton';
import { useActions, useMe, usePeople, useUser } from '../../store/hooks';
import type { PeopleKey, PeopleRow } from '../../store/types';
import { texts } from '../../texts/texts';
import { Button } from '../../ui/button';
import { FollowButton } from './follow-button';

interface Props {
  list: PeopleKey;
  empty: ReactNode;
}

export function PeopleList({ list, empty }: Props) {
  const people = usePeople(list);
  const actions = useActions();
  const more = () => actions.loadMorePeople(list);
  if (!people || (people.state === 'loading' && people.rows.length === 0))
    return <PeopleBones name={texts.people.loading} />;
  if (people.state === 'missing') return <p className="faint">{texts.thread.notFound}</p>;
  return (
    <>
      {people.rows.length === 0 && people.state === 'ready' ? (
        typeof empty === 'string' ? (
          <p className="faint">{empty}</p>
        ) : (
          empty
        )
      ) : (
        <ul className="panel">
          {people.rows.map((row) => (
            <Row key={`${row.user_id} ${row.emoji ?? ''}`} row={row} />
          ))}
        </ul>
      )}
      {people.state === 'failed' ? (
        <p className="list-failed" role="alert">
          {people.refusal?.message ?? texts.people.failed}
          <Button onClick={more}>{texts.tryAgain}</Button>
        </p>
      ) : null}
      {people.ended || people.state === 'failed' ? null : (
        <Button busy={people.state === 'more'} onClick={more}>
          {texts.more}
        </Button>
      )}
    </>
  );
}

function Row({ row }: { row: PeopleRow }) {
  const person = useUser(row.user_id);
  const me = useMe();
  if (!person || person.deleted) return null;
  const end: ReactNode = row.emoji ? (
    <span className="person-emoji">{row.emoji}</span>
  ) : (
    <FollowButton person={person} />
  );
  return (
    <PersonRow person={person} beside={person.id === me?.id ? texts.you : undefined}>
      {end}
    </PersonRow>
  );
}
