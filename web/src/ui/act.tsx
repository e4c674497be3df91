/** A small act: an icon, with its number beside it when there is one. */

import './button.css';

import type { LucideIcon } from 'lucide-react';
import type { ComponentProps } from 'react';
import { Icon } from './icon';

interface Props extends Omit<ComponentProps<'button'>, 'children' | 'aria-label'> {
  icon: LucideIcon;
  /** What a screen reader says; hold the number in it. */
  name: string;
  count?: string | undefined;
  mirror?: boolean;
}

export function Act({ icon, name, count, mirror = false, ...rest }: Props) {
  return (
    <button type="button" className="act" {...rest} aria-label={name}>
      <Icon of={icon} mirror={mirror} />
      {count ? <span className="num">{count}</span> : null}
    </button>
  );
}
