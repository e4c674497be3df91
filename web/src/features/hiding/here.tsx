/** In place of what a hidden person wrote: why it is not here, and the way back. */

import { Empty } from '../../parts/empty';
import { useRelation } from '../../store/hooks';
import type { Person } from '../../store/types';
import { texts } from '../../texts/texts';
import { UnhideButton } from './button';

export function HiddenHere({ person }: { person: Person }) {
  const isBlocked = useRelation(person.id)?.blocking ?? false;
  const words = isBlocked ? texts.hiding.isBlocked : texts.hiding.isMuted;
  return (
    <Empty
      title={words.title(person.display_name)}
      // A blocked one has the button above, in place of the one that follows.
      actions={isBlocked ? null : <UnhideButton person={person} how="mute" />}
    >
      {words.what}
    </Empty>
  );
}
