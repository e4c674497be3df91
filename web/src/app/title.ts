/** What the tab says. */

import { useEffect } from 'react';
import { useUnread } from '../store/hooks';
import { texts } from '../texts/texts';
import { announcePage } from './announcer';

/** Name the page; in front how many notices wait, or else what waits on the page. */
export function useTitle(title: string, waiting = 0): void {
  const count = useUnread() || waiting;
  useEffect(() => {
    const page = texts.titles.page(title);
    document.title = count > 0 ? texts.titles.waiting(count, page) : page;
  }, [title, count]);
  useEffect(() => announcePage(title), [title]);
}
