/** Says once what the reader has to know about what is kept here. */

import { useEffect } from 'react';
import { useOutbox } from '../store/hooks';
import { texts } from '../texts/texts';
import { say } from '../ui/toasts';

/** Draws nothing. */
export function OutboxNotes() {
  const { trouble, refused } = useOutbox();
  useEffect(() => {
    if (trouble !== null) say(trouble === 'full' ? texts.note.keptFull : texts.note.keptNot);
  }, [trouble]);
  useEffect(() => {
    if (refused !== null) say(refused.message);
  }, [refused]);
  return null;
}
