/** Whom I block and mute; seen by me alone, and taken back here. */

import { useState } from 'react';
import { useMe } from '../../store/hooks';
import { texts } from '../../texts/texts';
import { Button } from '../../ui/button';
import { UnhideButton } from '../hiding/button';
import { PeopleList } from '../people/list';
import { Section } from './section';

const LISTS = [
  { what: 'blocking', how: 'block', open: texts.hiding.showBlocked, none: texts.hiding.noBlocked },
  { what: 'muting', how: 'mute', open: texts.hiding.showMuted, none: texts.hiding.noMuted },
] as const;

export function HiddenPeople() {
  const me = useMe();
  const [open, setOpen] = useState<'blocking' | 'muting' | null>(null);
  const shown = LISTS.find(({ what }) => what === open);
  if (!me) return null;
  return (
    <Section title={texts.hiding.people} what={texts.hiding.peopleWhat}>
      <div className="settings-lists">
        {LISTS.map(({ what, open: label }) => (
          <Button
            key={what}
            aria-expanded={what === open}
            onClick={() => setOpen(what === open ? null : what)}
          >
            {label}
          </Button>
        ))}
      </div>
      {shown ? (
        <PeopleList
          key={shown.what}
          list={`${shown.what}:${me.id}`}
          empty={shown.none}
          end={(person) => <UnhideButton person={person} how={shown.how} />}
        />
      ) : null}
    </Section>
  );
}
