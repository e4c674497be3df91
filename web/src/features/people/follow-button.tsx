/** Follow someone, or no longer. */

import { Check } from 'lucide-react';
import { useActions, useMe, useRelation } from '../../store/hooks';
import type { Person } from '../../store/types';
import { texts } from '../../texts/texts';
import { Button } from '../../ui/button';
import { Icon } from '../../ui/icon';
import { UnhideButton } from '../hiding/button';
import { told, useGate } from '../post/gate';

export function FollowButton({ person }: { person: Person }) {
  const me = useMe();
  const relation = useRelation(person.id);
  const actions = useActions();
  const gate = useGate();
  if (me?.id === person.id) return null;
  if (relation?.blocking) return <UnhideButton person={person} how="block" />;
  const on = relation?.following ?? false;
  const offer = relation?.followed_by ? texts.profile.followBack : texts.profile.follow;
  return (
    <Button aria-pressed={on} onClick={gate(() => told(actions.follow(person.id, !on)))}>
      {on ? <Icon of={Check} /> : null}
      {on ? texts.profile.isFollowing : offer}
      <span className="said"> {person.display_name}</span>
    </Button>
  );
}
