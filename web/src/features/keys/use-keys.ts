/** The keys of the whole page, for as long as it is drawn. */

import { useEffect, useRef } from 'react';
import { useMe } from '../../store/hooks';
import { listen } from './listen';
import { keepFocus } from './stops';

export function useKeys(): void {
  const me = useMe();
  const now = useRef(me);
  now.current = me;
  useEffect(() => {
    const stop = listen(() => now.current);
    const letGo = keepFocus();
    return () => {
      stop();
      letGo();
    };
  }, []);
}
