/** Tells ears which page has opened, once its name is settled. */

import { create } from 'zustand';

const SETTLED_MS = 400;

const useOpened = create<{ title: string }>(() => ({ title: '' }));

let timer: ReturnType<typeof setTimeout> | undefined;
/** The browser itself says the first one. */
let isFirst = true;

/** A page with this title has opened, or has learned its title. */
export function announcePage(title: string): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (!isFirst) useOpened.setState({ title });
    isFirst = false;
  }, SETTLED_MS);
}

export function Announcer() {
  const title = useOpened((state) => state.title);
  return (
    <p className="said" role="status" data-opened>
      {title}
    </p>
  );
}
