/** Back to where one came from; to the front page for who came from outside. */

import { navigate } from 'wouter/use-browser-location';

let within = 0;

/** Count the pages opened within the product, so that "back" never leaves it. */
export function countPages(): void {
  window.addEventListener('pushState', () => {
    within += 1;
  });
  window.addEventListener('popstate', () => {
    within = Math.max(0, within - 1);
  });
}

export function goBack(): void {
  if (within > 0) history.back();
  else navigate('/');
}
