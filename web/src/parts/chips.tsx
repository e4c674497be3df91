/** The reactions to a post: the add button first, so that it never moves; chips keep their order. */

import './chips.css';

import type { ReactNode } from 'react';
import { useEffect, useRef, useState } from 'react';
import { short } from '../texts/numbers';
import { texts } from '../texts/texts';
import { ordered } from './chip-order';

interface Props {
  postId: string;
  reactions: Readonly<Record<string, number>>;
  mine: readonly string[];
  /** How many different ones of mine there may be. */
  limit: number;
  /** The button that opens the picker; left out where nothing can be added. */
  add?: ReactNode;
  onReact: (emoji: string, on: boolean) => void;
  /** Who reacted, beyond what is shown. */
  onMore?: () => void;
}

const SHOWN = 14;

export function Chips({ postId, reactions, mine, limit, add, onReact, onMore }: Props) {
  // What just fell to nought stays until the hand has left, so that its neighbours do not jump below it.
  const [held, setHeld] = useState(false);
  const emojis = ordered(postId, reactions, mine, held);
  const full = mine.length >= limit;
  if (emojis.length === 0 && !add) return null;
  const shown = emojis.slice(0, SHOWN);
  return (
    <ul
      className="chips"
      aria-label={texts.post.reactions}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      {add && !full ? <li>{add}</li> : null}
      {shown.map((emoji) => (
        <li key={emoji}>
          <Chip
            emoji={emoji}
            count={reactions[emoji] ?? 0}
            on={mine.includes(emoji)}
            full={full}
            onReact={onReact}
          />
        </li>
      ))}
      {emojis.length > SHOWN && onMore ? (
        <li>
          <button type="button" className="chip" aria-label={texts.act.whoReacted} onClick={onMore}>
            +{emojis.length - SHOWN}
          </button>
        </li>
      ) : null}
    </ul>
  );
}

interface ChipProps {
  emoji: string;
  count: number;
  on: boolean;
  full: boolean;
  onReact: Props['onReact'];
}

function Chip({ emoji, count, on, full, onReact }: ChipProps) {
  const fresh = useFresh(count);
  const refused = full && !on;
  return (
    <button
      type="button"
      className="chip"
      aria-pressed={on}
      aria-disabled={refused || undefined}
      aria-label={texts.post.reaction(emoji, count, on)}
      title={refused ? texts.post.eightUsed : undefined}
      data-fresh={fresh || undefined}
      onClick={() => {
        if (!refused) onReact(emoji, !on);
      }}
    >
      <span className="e">{emoji}</span>
      <span className="n">{short(count)}</span>
    </button>
  );
}

const SPARK_MS = 1_000;

/** True for a second after `count` became another. */
function useFresh(count: number): boolean {
  const [fresh, setFresh] = useState(false);
  const last = useRef(count);
  useEffect(() => {
    if (last.current === count) return;
    last.current = count;
    setFresh(true);
    const timer = setTimeout(() => setFresh(false), SPARK_MS);
    return () => clearTimeout(timer);
  }, [count]);
  return fresh;
}
