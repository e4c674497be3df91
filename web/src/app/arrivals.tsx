/** Tells ears that notices have come: together, however many came at once. */

import { useEffect, useRef, useState } from 'react';
import { useUnread } from '../store/hooks';
import { texts } from '../texts/texts';

const TOGETHER_MS = 1_500;

export function Arrivals() {
  const unread = useUnread();
  const before = useRef(unread);
  const [said, say] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => {
      if (unread > before.current) say(texts.notices.arrived(unread));
      if (unread === 0) say('');
      before.current = unread;
    }, TOGETHER_MS);
    return () => clearTimeout(timer);
  }, [unread]);
  return (
    <p className="said" role="status">
      {said}
    </p>
  );
}
