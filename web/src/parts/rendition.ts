/** Which file of a picture to load. */

import type { Media, Size } from '../wire/protocol';

/** The smallest rendition that is at least `pixels` wide, or the largest there is. It stands still. */
export function rendition(media: Media, pixels: number): Size {
  const own: Size = { url: media.url, width: media.width, height: media.height };
  const sorted = [...media.sizes].sort((a, b) => a.width - b.width);
  // The file of a moving picture moves; its renditions do not.
  const largest = media.animated ? (sorted.at(-1) ?? own) : own;
  return sorted.find((size) => size.width >= pixels) ?? largest;
}

/** All renditions for `srcset`; undefined where there is only one. */
export function srcset(media: Media): string | undefined {
  if (media.sizes.length === 0) return undefined;
  const all = [...media.sizes, { url: media.url, width: media.width, height: media.height }];
  return all.map((size) => `${size.url} ${size.width}w`).join(', ');
}

const NARROWEST = 0.4;
const WIDEST = 4;

/** Width by height, within what a row can hold; beyond it the picture stands in a frame. */
export function ratio(media: Media): number {
  return Math.min(WIDEST, Math.max(NARROWEST, media.width / media.height || 1));
}
