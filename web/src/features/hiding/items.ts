/** Muting and blocking someone, as rows of a menu; none for oneself and for visitors. */

import { Ban, Volume2, VolumeX } from 'lucide-react';
import { useActions, useMe, useRelation } from '../../store/hooks';
import type { Person } from '../../store/types';
import { texts } from '../../texts/texts';
import type { Item } from '../../ui/menu';
import { askBlock } from './ask';
import { hide } from './hide';

export function useHidingItems(person: Person): Item[] {
  const me = useMe();
  const relation = useRelation(person.id);
  const actions = useActions();
  if (!me || me.id === person.id) return [];
  const { display_name: shown } = person;
  const isBlocked = relation?.blocking ?? false;
  const isMuted = relation?.muting ?? false;
  const block: Item = isBlocked
    ? {
        icon: Ban,
        label: texts.hiding.unblock(shown),
        onChoose: () => hide(actions, 'block', person, false),
      }
    : {
        icon: Ban,
        label: texts.hiding.block(shown),
        danger: true,
        onChoose: () => askBlock(person),
      };
  if (isBlocked) return [block];
  return [
    {
      icon: isMuted ? Volume2 : VolumeX,
      label: isMuted ? texts.hiding.unmute(shown) : texts.hiding.mute(shown),
      onChoose: () => hide(actions, 'mute', person, !isMuted),
    },
    block,
  ];
}
