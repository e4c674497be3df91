/** The picker beside the control that asked for it. */

import type { RefObject } from 'react';
import { lazy, Suspense } from 'react';
import { texts } from '../../texts/texts';
import { Popover } from '../../ui/popover';
import { used } from './lately';
import type { PickerProps } from './picker';

const load = () => import('./picker').then((module) => ({ default: module.Picker }));
const Picker = lazy(load);

/** The hand is near the button: fetch it already. */
export function expectPicker(): void {
  void load();
}

interface Props extends PickerProps {
  anchor: RefObject<HTMLElement | null>;
  onClose: () => void;
}

export function EmojiPopover({ anchor, onClose, onPick, ...rest }: Props) {
  return (
    <Popover anchor={anchor} onClose={onClose} sheet>
      <Suspense fallback={<div className="popover-wait">{texts.react.loading}</div>}>
        <Picker
          {...rest}
          onPick={(emoji) => {
            used(emoji);
            onPick(emoji);
            onClose();
          }}
        />
      </Suspense>
    </Popover>
  );
}
