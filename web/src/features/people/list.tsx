/** A list of people: followers, followed, who reacted, who retweeted. */

import './people.css';

import type { ReactNode } from 'react';
import { Person as PersonRow } from '../../parts/person';
import { PeopleBones } from '../../parts/skeleton';
import { useActions, useHidden, useMe, usePeople, useUser } from '../../store/hooks';
import type { PeopleKey, PeopleRow, Person } from '../../store/types';
import { texts } from '../../texts/texts';
import { Button } from '../../ui/button';
import { FollowButton } from './follow-button';

interface Props {
  list: PeopleKey;
  empty: ReactNode;
  /** What can be done with each, in place of following; shows the hidden too. */
  end?: ((person: Person) => ReactNode) | undefined;
}

export function PeopleList({ list, empty, end }: Props) {
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
            <Row key={`${row.user_id} ${row.emoji ?? ''}`} row={row} end={end} />
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

interface RowProps {
  row: PeopleRow;
  end: Props['end'];
}

function Row({ row, end }: RowProps) {
  const person = useUser(row.user_id);
  const me = useMe();
  const hidden = useHidden(row.user_id);
  if (!person || person.deleted || (hidden && !end)) return null;
  const beside: ReactNode = row.emoji ? (
    <span className="person-emoji">{row.emoji}</span>
  ) : (
    (end?.(person) ?? <FollowButton person={person} />)
  );
  return (
    <PersonRow person={person} beside={person.id === me?.id ? texts.you : undefined}>
      {beside}
    </PersonRow>
  );
}
