/** Whether a picture moves: never for whom motion is too much, else until it is stopped. */

import { useEffect, useState } from 'react';
import type { Media } from '../wire/protocol';

const STILL = '(prefers-reduced-motion: reduce)';

/** What was chosen for one picture; another begins as it should. */
interface Chosen {
  id: string;
  moves: boolean;
}

export function useMoves({ id, animated }: Media): [boolean, (moves: boolean) => void] {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [still, setStill] = useState(() => matchMedia(STILL).matches);
  useEffect(() => {
    if (!animated) return;
    const asked = matchMedia(STILL);
    const changed = () => {
      setStill(asked.matches);
      setChosen(null);
    };
    asked.addEventListener('change', changed);
    return () => asked.removeEventListener('change', changed);
  }, [animated]);
  const moves = chosen?.id === id ? chosen.moves : !still;
  return [animated && moves, (next) => setChosen({ id, moves: next })];
}
