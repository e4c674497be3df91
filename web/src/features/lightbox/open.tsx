/** Open pictures large; the drawing of it is loaded when it is first asked for. */

import { lazy } from 'react';
import { show } from '../../ui/overlay';
import type { Media } from '../../wire/protocol';

const Lightbox = lazy(() => import('./lightbox').then((module) => ({ default: module.Lightbox })));

export function openPictures(media: readonly Media[], start: number): void {
  show((close) => <Lightbox media={media} start={start} close={close} />);
}
