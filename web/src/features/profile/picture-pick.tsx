/** One's picture, or one's flag. */

import { type ReactNode, useRef } from 'react';
import { texts } from '../../texts/texts';
import { Button } from '../../ui/button';

interface Props {
  flag: ReactNode;
  hasPicture: boolean;
  /** While it is uploaded. */
  percent: number | null;
  types: readonly string[];
  onChoose: (file: File) => void;
  onFlag: () => void;
}

export function PicturePick({ flag, hasPicture, percent, types, onChoose, onFlag }: Props) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <div className="picture-pick">
      {flag}
      <div className="do">
        <input
          ref={input}
          type="file"
          hidden
          accept={types.join(',')}
          onChange={(event) => {
            const file = event.target.files?.[0];
            event.target.value = '';
            if (file) onChoose(file);
          }}
        />
        <Button busy={percent !== null} onClick={() => input.current?.click()}>
          {percent === null ? texts.profile.choosePicture : texts.profile.uploading(percent)}
        </Button>
        <Button kind="quiet" waits={hasPicture ? null : texts.profile.isFlag} onClick={onFlag}>
          {texts.profile.useFlag}
        </Button>
      </div>
    </div>
  );
}
