/** What a visitor is told who wants to take part, and what is said when a deed is refused. */

import { navigate } from 'wouter/use-browser-location';
import { useMe } from '../../store/hooks';
import { texts } from '../../texts/texts';
import { say } from '../../ui/toasts';
import type { Refusal } from '../../wire/refusal';

export function askToSignIn(): void {
  say(texts.post.signInToReact, { label: texts.nav.signIn, do: () => navigate('/login') });
}

/** Lets a deed through for who is signed in; a visitor is asked to. */
export function useGate() {
  const me = useMe();
  return <A extends unknown[]>(deed: (...given: A) => void) =>
    (...given: A): void => {
      if (me) deed(...given);
      else askToSignIn();
    };
}

/** Say why, if it was refused; the view has been put back already. */
export function told(outcome: Promise<Refusal | null>): void {
  void outcome.then((refusal) => {
    if (refusal && refusal.code !== 'cancelled') say(refusal.message);
  });
}
