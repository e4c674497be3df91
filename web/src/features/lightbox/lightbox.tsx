/** A picture as large as the window, with its description in words. */

import './lightbox.css';

import { ChevronLeft, ChevronRight, Pause, Play, X } from 'lucide-react';
import { type KeyboardEvent, useEffect, useState } from 'react';
import { placeholder } from '../../parts/placeholder';
import { rendition, srcset } from '../../parts/rendition';
import { useMoves } from '../../parts/use-moves';
import { texts } from '../../texts/texts';
import { Act } from '../../ui/act';
import { Dialog } from '../../ui/dialog';
import type { Media } from '../../wire/protocol';
import { useSwipe } from './use-swipe';

interface Props {
  media: readonly Media[];
  start: number;
  close: () => void;
}

const isForward = () => document.documentElement.dir !== 'rtl';

/** Where this key leads from `index`, among `count` in a ring; null: it is no key of ours. */
function target(key: string, index: number, count: number): number | null {
  const forward = isForward() ? 1 : -1;
  switch (key) {
    case 'ArrowRight':
      return (index + forward + count) % count;
    case 'ArrowLeft':
      return (index - forward + count) % count;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}

export function Lightbox({ media, start, close }: Props) {
  const [index, setIndex] = useState(start);
  const picture = media[index];
  useNeighbours(media, index);
  if (!picture) return null;
  const count = media.length;
  const step = (by: number) => setIndex((index + by + count) % count);
  const keyed = (event: KeyboardEvent) => {
    const next = target(event.key, index, count);
    if (next === null || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    setIndex(next);
  };
  const title = count > 1 ? texts.lightbox.of(index + 1, count) : texts.lightbox.title;
  return (
    <Dialog title={title} onClose={close} bare>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys do what the buttons do. */}
      <div className="lightbox" tabIndex={-1} onKeyDown={keyed}>
        <Large media={picture} title={count > 1 ? title : null} onStep={step} close={close} />
        {count > 1 ? (
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
        <p className="said" role="status">
          {count > 1 ? `${title}. ${picture.alt}` : null}
        </p>
      </div>
    </Dialog>
  );
}

interface LargeProps {
  media: Media;
  /** Which of how many; null: it is the only one. */
  title: string | null;
  onStep: (by: number) => void;
  close: () => void;
}

function Large({ media, title, onStep, close }: LargeProps) {
  const [moves, setMoves] = useMoves(media);
  const swipe = useSwipe({
    aside: (direction) => {
      if (title !== null) onStep((direction === -1) === isForward() ? 1 : -1);
    },
    down: close,
  });
  const shown = media.animated && !moves ? rendition(media, media.width).url : media.url;
  return (
    <>
      <div className="lightbox-tools">
        {title === null ? null : <span className="num">{title}</span>}
        {media.animated ? (
          <Act
            icon={moves ? Pause : Play}
            name={moves ? texts.lightbox.pause : texts.lightbox.play}
            onClick={() => setMoves(!moves)}
          />
        ) : null}
        <Act icon={X} name={texts.close} onClick={close} data-focus />
      </div>
      <img
        key={media.id}
        src={shown}
        srcSet={media.animated ? undefined : srcset(media)}
        sizes="100vw"
        width={media.width}
        height={media.height}
        alt={media.alt}
        draggable={false}
        style={{ backgroundImage: placeholder(media.thumbhash) }}
        {...swipe}
      />
    </>
  );
}

/** Those beside it are fetched while one looks. */
function useNeighbours(media: readonly Media[], index: number): void {
  useEffect(() => {
    for (const by of [1, -1]) {
      const beside = media[(index + by + media.length) % media.length];
      if (!beside || beside === media[index] || beside.animated) continue;
      const image = new Image();
      image.sizes = '100vw';
      image.srcset = srcset(beside) ?? '';
      image.src = beside.url;
    }
  }, [media, index]);
}
