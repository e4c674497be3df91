/** The pictures of a post: rows that share a height, nothing cropped, the description below when asked for. */

import './pictures.css';

import { Pause, Play } from 'lucide-react';
import type { CSSProperties } from 'react';
import { useId, useState } from 'react';
import { texts } from '../texts/texts';
import { Icon } from '../ui/icon';
import type { Media } from '../wire/protocol';
import { placeholder } from './placeholder';
import { ratio, rendition, srcset } from './rendition';
import { useMoves } from './use-moves';

interface Props {
  media: readonly Media[];
  /** Open this one large. */
  onOpen: (index: number) => void;
}

/** Two by two from four on; up to three share a row. */
function inRows<T>(all: readonly T[]): T[][] {
  return all.length < 4 ? [[...all]] : [all.slice(0, 2), all.slice(2)];
}

const shape = (media: Media) => ({ '--ar': ratio(media).toFixed(4) }) as CSSProperties;

export function Pictures({ media, onOpen }: Props) {
  const [told, setTold] = useState<number | null>(null);
  const line = useId();
  const first = media[0];
  if (!first) return null;
  const indexed = media.map((picture, index) => ({ picture, index }));
  return (
    <>
      <div className="pictures" data-count={media.length} style={shape(first)}>
        {inRows(indexed).map((row) => (
          <div className="row" key={row[0]?.picture.id}>
            {row.map(({ picture, index }) => (
              <figure key={picture.id} style={shape(picture)}>
                <button
                  type="button"
                  aria-label={texts.post.openPicture(picture.alt)}
                  data-key={index === 0 ? 'o' : undefined}
                  onClick={() => onOpen(index)}
                />
                <Picture media={picture} of={row.length} />
                {picture.alt ? (
                  <button
                    type="button"
                    className="alt"
                    aria-label={texts.post.alt}
                    aria-expanded={told === index}
                    aria-controls={told === index ? line : undefined}
                    onClick={() => setTold(told === index ? null : index)}
                  >
                    <span>ALT</span>
                  </button>
                ) : null}
              </figure>
            ))}
          </div>
        ))}
      </div>
      {told !== null ? (
        <p className="alt-line" dir="auto" id={line}>
          {media[told]?.alt}
        </p>
      ) : null}
    </>
  );
}

/** One picture; its button or the words beside it name it. One that moves can be stopped. */
function Picture({ media, of }: { media: Media; of: number }) {
  const [moves, setMoves] = useMoves(media);
  return (
    <>
      <img
        src={moves ? media.url : rendition(media, 640).url}
        srcSet={media.animated ? undefined : srcset(media)}
        sizes={of === 1 ? '(min-width: 44rem) 33rem, 90vw' : '(min-width: 44rem) 17rem, 45vw'}
        alt=""
        loading="lazy"
        decoding="async"
        draggable={false}
        style={{ backgroundImage: placeholder(media.thumbhash) }}
      />
      {media.animated ? (
        <button
          type="button"
          className="stop"
          aria-label={moves ? texts.lightbox.pause : texts.lightbox.play}
          onClick={() => setMoves(!moves)}
        >
          <Icon of={moves ? Pause : Play} />
        </button>
      ) : null}
    </>
  );
}

/** The pictures of a quoted post: small, and nothing to press. */
export function SmallPictures({ media }: { media: readonly Media[] }) {
  if (media.length === 0) return null;
  return (
    <span className="small-pictures">
      {media.map((picture) => (
        <img
          key={picture.id}
          src={rendition(picture, 320).url}
          width={picture.width}
          height={picture.height}
          alt={picture.alt}
          loading="lazy"
          decoding="async"
          style={{ backgroundImage: placeholder(picture.thumbhash) }}
        />
      ))}
    </span>
  );
}
