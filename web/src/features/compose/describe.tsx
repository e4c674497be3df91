/** Describing a picture for people who cannot see it. */

import { useState } from 'react';
import type { Slot } from '../../store/api';
import { useActions, useLimits } from '../../store/hooks';
import type { Picture } from '../../store/types';
import { texts } from '../../texts/texts';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { TextArea } from '../../ui/field';
import { showAbove } from '../../ui/overlay';

export function openDescribe(slot: Slot, picture: Picture): void {
  showAbove((close) => <Describe slot={slot} picture={picture} close={close} />);
}

interface Props {
  slot: Slot;
  picture: Picture;
  close: () => void;
}

function Describe({ slot, picture, close }: Props) {
  const actions = useActions();
  const limits = useLimits();
  const [alt, setAlt] = useState(picture.alt);
  const left = limits.alt - alt.length;
  const keep = () => {
    if (alt.trim() !== picture.alt) actions.describePicture(slot, picture.id, alt.trim());
    close();
  };
  return (
    <Dialog
      title={texts.compose.describeTitle}
      onClose={close}
      footer={
        <>
          <Button onClick={close}>{texts.cancel}</Button>
          <Button
            kind="lamp"
            waits={left < 0 ? texts.compose.altTooLong(-left) : null}
            onClick={keep}
          >
            {texts.compose.keepDescription}
          </Button>
        </>
      }
    >
      <img className="described" src={picture.preview} alt="" />
      <TextArea
        label={texts.compose.describeLabel}
        rows={3}
        value={alt}
        data-focus
        hint={<span className="num">{texts.compose.altLeft(Math.max(0, left))}</span>}
        wrong={left < 0 ? texts.compose.altTooLong(-left) : null}
        onChange={(event) => setAlt(event.target.value)}
      />
    </Dialog>
  );
}
