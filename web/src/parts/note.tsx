/** A line about a post that is not sent: why, and the ways on. */

import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { Icon } from '../ui/icon';

interface Props {
  icon: LucideIcon;
  /** Something went wrong; said at once. */
  danger?: boolean;
  text: string;
  children?: ReactNode;
}

export function Note({ icon, danger = false, text, children }: Props) {
  return (
    <div
      className="note"
      data-kind={danger ? 'danger' : undefined}
      role={danger ? 'alert' : undefined}
    >
      <Icon of={icon} />
      <p>{text}</p>
      {children}
    </div>
  );
}
