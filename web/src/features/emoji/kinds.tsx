/** The kinds of emoji, as a row of drawings that lead to them. */

import type { LucideIcon } from 'lucide-react';
import {
  Clock,
  Coffee,
  Compass,
  Flag,
  Hand,
  Hash,
  Leaf,
  Lightbulb,
  Smile,
  Volleyball,
} from 'lucide-react';
import type { RefObject } from 'react';
import { useEffect, useState } from 'react';
import { texts } from '../../texts/texts';
import { Icon } from '../../ui/icon';
import { LATELY } from './data';

export interface Place {
  /** The number of the kind in the data. */
  index: number;
  label: string;
  /** Rows above it. */
  rows: number;
  /** Headings above it. */
  headings: number;
}

/** By the numbers of the data; 2 are parts of others. */
const DRAWINGS: Record<number, LucideIcon> = {
  [LATELY]: Clock,
  0: Smile,
  1: Hand,
  3: Leaf,
  4: Coffee,
  5: Compass,
  6: Volleyball,
  7: Lightbulb,
  8: Hash,
  9: Flag,
};

interface Props {
  places: readonly Place[];
  viewport: RefObject<HTMLDivElement | null>;
}

/** How far down a kind begins, in px; the picker says how high its rows are. */
function offset(place: Place, viewport: HTMLElement): number {
  const root = viewport.closest('[frimousse-root]') ?? viewport;
  const style = getComputedStyle(root);
  const px = (name: string) => Number.parseFloat(style.getPropertyValue(name)) || 0;
  return (
    place.rows * px('--frimousse-row-height') +
    place.headings * px('--frimousse-category-header-height')
  );
}

export function Kinds({ places, viewport }: Props) {
  const [at, setAt] = useState<number>(LATELY);
  useEffect(() => {
    const element = viewport.current;
    if (!element) return;
    const scrolled = () => {
      const passed = places.filter((place) => offset(place, element) <= element.scrollTop + 1);
      setAt(passed.at(-1)?.index ?? LATELY);
    };
    element.addEventListener('scroll', scrolled, { passive: true });
    return () => element.removeEventListener('scroll', scrolled);
  }, [places, viewport]);
  return (
    <fieldset className="tabs" aria-label={texts.react.kinds}>
      {places.map((place) => (
        <button
          type="button"
          key={place.index}
          aria-pressed={place.index === at}
          aria-label={place.label}
          title={place.label}
          onClick={() => {
            const element = viewport.current;
            element?.scrollTo({ top: offset(place, element) });
          }}
        >
          <Icon of={DRAWINGS[place.index] ?? Smile} />
        </button>
      ))}
    </fieldset>
  );
}
