/** The pictures of a composer: on their way, described, or refused. */

import { Check, CircleAlert, Plus, RotateCcw, X } from 'lucide-react';
import type { Slot } from '../../store/api';
import { useActions, useLimits } from '../../store/hooks';
import type { Picture } from '../../store/types';
import { texts } from '../../texts/texts';
import { Icon } from '../../ui/icon';
import { openDescribe } from './describe';

interface Props {
  slot: Slot;
  pictures: readonly Picture[];
}

export function Uploads({ slot, pictures }: Props) {
  if (pictures.length === 0) return null;
  return (
    <ul className="uploads">
      {pictures.map((picture, index) => (
        <Upload key={picture.id} slot={slot} picture={picture} number={index + 1} />
      ))}
    </ul>
  );
}

interface UploadProps {
  slot: Slot;
  picture: Picture;
  number: number;
}

const SHOWN_AS = {
  uploading: 'sending',
  waiting: 'sending',
  ready: undefined,
  failed: 'failed',
} as const;

function Upload({ slot, picture, number }: UploadProps) {
  const actions = useActions();
  const percent = Math.round(picture.progress * 100);
  return (
    <li className="upload" data-state={SHOWN_AS[picture.state]}>
      <div className="frame">
        {picture.preview ? <img src={picture.preview} alt={picture.alt || picture.name} /> : null}
        <button
          type="button"
          className="off"
          aria-label={texts.compose.removeNumber(number)}
          title={texts.compose.remove}
          onClick={() => actions.removePicture(slot, picture.id)}
        >
          <Icon of={X} />
        </button>
        {picture.state === 'uploading' ? (
          <span
            className="progress"
            role="progressbar"
            aria-label={texts.compose.uploading(number)}
            aria-valuenow={percent}
            aria-valuemin={0}
            aria-valuemax={100}
          >
            <i style={{ inlineSize: `${percent}%` }} />
          </span>
        ) : null}
      </div>
      <Below slot={slot} picture={picture} number={number} />
    </li>
  );
}

function Below({ slot, picture, number }: UploadProps) {
  const actions = useActions();
  const limits = useLimits();
  if (picture.state === 'failed') {
    const final = FINAL.has(picture.refusal?.code ?? '');
    const why = whyNot(picture, limits.media_bytes);
    if (final)
      return (
        <p className="more" data-wrong role="alert">
          <Icon of={CircleAlert} />
          {why}
        </p>
      );
    return (
      <button
        type="button"
        className="more"
        data-wrong
        title={why}
        onClick={() => actions.retryPicture(slot, picture.id)}
      >
        <Icon of={RotateCcw} />
        {texts.compose.uploadAgain}
        <span className="said" role="alert">
          {why}
        </span>
      </button>
    );
  }
  const isDescribed = picture.alt !== '';
  const name = isDescribed ? texts.compose.described : texts.compose.describe;
  return (
    <button
      type="button"
      className="more"
      data-done={isDescribed || undefined}
      onClick={() => openDescribe(slot, picture)}
    >
      <Icon of={isDescribed ? Check : Plus} />
      {picture.state === 'waiting' ? texts.compose.uploadWaits : name}
      <span className="said">{texts.compose.whichPicture(number)}</span>
    </button>
  );
}

/** Trying again would end the same way. */
const FINAL = new Set(['too_long', 'too_many', 'invalid']);

const MEGABYTE = 2 ** 20;

function whyNot(picture: Picture, limitBytes: number): string {
  if (picture.refusal?.code === 'too_long')
    return texts.compose.tooBig(Math.round(limitBytes / MEGABYTE));
  return picture.refusal?.message ?? texts.compose.uploadFailed;
}
