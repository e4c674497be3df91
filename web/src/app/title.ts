/** What the tab says. */

import { useEffect } from 'react';
import { texts } from '../texts/texts';
import { announcePage } from './announcer';

/** Name the page; with what waits in front. */
export function useTitle(title: string, waiting = 0): void {
  useEffect(() => {
    const page = texts.titles.page(title);
    document.title = waiting > 0 ? texts.titles.waiting(waiting, page) : page;
  }, [title, waiting]);
  useEffect(() => announcePage(title), [title]);
}
