/** How hard a password is to guess, roughly; length counts most. */

import './strength.css';

export type Level = 0 | 1 | 2 | 3 | 4;

/** From the length and the number of different characters; the server knows the common ones. */
export function strengthOf(password: string): Level {
  const letters = [...password];
  const different = new Set(letters).size;
  const worth = Math.min(letters.length, different * 1.6);
  if (letters.length < 8) return 0;
  if (worth < 9) return 1;
  if (worth < 13) return 2;
  if (worth < 18) return 3;
  return 4;
}

export function Strength({ password }: { password: string }) {
  return (
    <div className="strength" data-level={strengthOf(password)} aria-hidden="true">
      <i />
      <i />
      <i />
      <i />
    </div>
  );
}
