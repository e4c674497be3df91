/** Who reacted, with what; live while it is open. */

import '../../parts/chips.css';

import { useState } from 'react';
import { ordered } from '../../parts/chip-order';
import { useCounts, useMine } from '../../store/hooks';
import type { PeopleKey } from '../../store/types';
import { short } from '../../texts/numbers';
import { texts } from '../../texts/texts';
import { Dialog } from '../../ui/dialog';
import { PeopleList } from './list';
import { useRenewed } from './use-renewed';

export function Reactions({ postId, close }: { postId: string; close: () => void }) {
  const counts = useCounts(postId);
  const mine = useMine(postId);
  const [only, setOnly] = useState<string | null>(null);
  const reactions = counts?.reactions ?? {};
  const all = Object.values(reactions).reduce((sum, n) => sum + n, 0);
  const list: PeopleKey = only ? `reactions:${postId}:${only}` : `reactions:${postId}`;
  useRenewed(list, counts?.v);
  return (
    <Dialog title={texts.react.title(all)} onClose={close}>
      <ul className="chips" data-plain aria-label={texts.react.only}>
        {ordered(postId, reactions, mine?.reactions ?? [], false).map((emoji) => (
          <li key={emoji}>
            <button
              type="button"
              className="chip"
              data-only
              aria-pressed={emoji === only}
              aria-label={texts.post.reaction(emoji, reactions[emoji] ?? 0, false)}
              onClick={() => setOnly(emoji === only ? null : emoji)}
            >
              <span className="e">{emoji}</span>
              <span className="n">{short(reactions[emoji] ?? 0)}</span>
            </button>
          </li>
        ))}
      </ul>
      <PeopleList key={list} list={list} empty={texts.react.nobody} />
    </Dialog>
  );
}
