/** A list that follows the numbers of its post: read again when they change, at most once a second. */

import { useEffect, useRef } from 'react';
import { useActions } from '../../store/hooks';
import type { PeopleKey } from '../../store/types';

const PACE_MS = 1_000;

export function useRenewed(list: PeopleKey, v: number | undefined): void {
  const actions = useActions();
  const last = useRef({ list, v, at: 0 });
  useEffect(() => {
    const { current } = last;
    if (current.list !== list || current.v === undefined) {
      // It has been asked for just now.
      last.current = { list, v, at: Date.now() };
      return;
    }
    if (current.v === v) return;
    const wait = Math.max(0, current.at + PACE_MS - Date.now());
    const timer = setTimeout(() => {
      last.current = { list, v, at: Date.now() };
      actions.renewPeople(list);
    }, wait);
    return () => clearTimeout(timer);
  }, [actions, list, v]);
}
