/** A drawing from the icon set, at our stroke; never the only name of a control. */

import type { LucideIcon } from 'lucide-react';

interface Props {
  of: LucideIcon;
  /** Turned around where one reads from right to left. */
  mirror?: boolean;
}

export function Icon({ of: Drawing, mirror = false }: Props) {
  return (
    <Drawing
      className={mirror ? 'icon mirror' : 'icon'}
      aria-hidden="true"
      absoluteStrokeWidth={false}
      strokeWidth={undefined}
    />
  );
}
