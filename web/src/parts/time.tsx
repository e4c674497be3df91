/** When something was, said as of now; it ticks. */

import { useSyncExternalStore } from 'react';
import { ago, exactly } from '../texts/numbers';
import { texts } from '../texts/texts';
import { onTick } from './clock';

export function Time({ at }: { at: string }) {
  const said = useSyncExternalStore(onTick, () => ago(new Date(at), Date.now(), texts.time));
  return (
    <time dateTime={at} title={exactly(new Date(at), Date.now())}>
      {said}
    </time>
  );
}

/** The hour and the day, for the post one came to read. */
export function ExactTime({ at }: { at: string }) {
  return <time dateTime={at}>{exactly(new Date(at), Date.now())}</time>;
}
