/** A picture as large as the window, with its description in words. */

import './lightbox.css';

import { ChevronLeft, ChevronRight, X } from 'lucide-react';
import type { KeyboardEvent } from 'react';
import { useState } from 'react';
import { placeholder } from '../../parts/placeholder';
import { srcset } from '../../parts/rendition';
import { texts } from '../../texts/texts';
import { Act } from '../../ui/act';
import { Dialog } from '../../ui/dialog';
import type { Media } from '../../wire/protocol';

interface Props {
  media: readonly Media[];
  start: number;
  close: () => void;
}

export function Lightbox({ media, start, close }: Props) {
  const [index, setIndex] = useState(start);
  const picture = media[index];
  if (!picture) return null;
  const step = (by: number) => setIndex((index + by + media.length) % media.length);
  const keyed = (event: KeyboardEvent) => {
    if (media.length < 2 || (event.key !== 'ArrowRight' && event.key !== 'ArrowLeft')) return;
    const forward = (event.key === 'ArrowRight') === (document.documentElement.dir !== 'rtl');
    step(forward ? 1 : -1);
  };
  const title =
    media.length > 1 ? texts.lightbox.of(index + 1, media.length) : texts.lightbox.title;
  return (
    <Dialog title={title} onClose={close} bare>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys do what the two buttons do. */}
      <div className="lightbox" onKeyDown={keyed}>
        <div className="lightbox-tools">
          {media.length > 1 ? <span className="num">{title}</span> : null}
          <Act icon={X} name={texts.close} onClick={close} />
        </div>
        <img
          key={picture.id}
          src={picture.url}
          srcSet={picture.animated ? undefined : srcset(picture)}
          sizes="100vw"
          width={picture.width}
          height={picture.height}
          alt={picture.alt}
          style={{ backgroundImage: placeholder(picture.thumbhash) }}
        />
        {media.length > 1 ? (
          <div className="lightbox-steps">
            <Act
              icon={ChevronLeft}
              name={texts.lightbox.previous}
              mirror
              onClick={() => step(-1)}
            />
            <Act icon={ChevronRight} name={texts.lightbox.next} mirror onClick={() => step(1)} />
          </div>
        ) : null}
        {picture.alt ? (
          <p className="lightbox-words" dir="auto">
            {picture.alt}
          </p>
        ) : null}
      </div>
    </Dialog>
  );
}
