/** A field: its label, its box, a hint, and what is wrong with it. */

import './field.css';

import { CircleAlert } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { useId, useState } from 'react';
import { texts } from '../texts/texts';
import { Button } from './button';
import { Icon } from './icon';

interface Around {
  label: ReactNode;
  hint?: ReactNode;
  /** What is wrong, in a sentence; null: nothing. */
  wrong?: string | null | undefined;
}

function useField({ label, hint, wrong }: Around) {
  const id = useId();
  const describedBy = [hint ? `${id}-hint` : '', wrong ? `${id}-wrong` : ''].filter(Boolean);
  const box = {
    id,
    'aria-invalid': wrong ? true : undefined,
    'aria-describedby': describedBy.join(' ') || undefined,
  } as const;
  const above = <label htmlFor={id}>{label}</label>;
  const below = (
    <>
      {wrong ? (
        <span className="wrong" id={`${id}-wrong`}>
          <Icon of={CircleAlert} />
          {wrong}
        </span>
      ) : null}
      {hint ? (
        <span className="hint" id={`${id}-hint`}>
          {hint}
        </span>
      ) : null}
    </>
  );
  return { box, above, below };
}

export function TextField({ label, hint, wrong, ...rest }: Around & ComponentProps<'input'>) {
  const { box, above, below } = useField({ label, hint, wrong });
  return (
    <div className="field">
      {above}
      <input className="input" dir="auto" {...rest} {...box} />
      {below}
    </div>
  );
}

export function TextArea({ label, hint, wrong, ...rest }: Around & ComponentProps<'textarea'>) {
  const { box, above, below } = useField({ label, hint, wrong });
  return (
    <div className="field">
      {above}
      <textarea className="input" dir="auto" {...rest} {...box} />
      {below}
    </div>
  );
}

interface Password extends Around, Omit<ComponentProps<'input'>, 'type'> {
  /** Drawn below the box, above the hint: how strong it is. */
  meter?: ReactNode;
}

export function PasswordField({ label, hint, wrong, meter, ...rest }: Password) {
  const { box, above, below } = useField({ label, hint, wrong });
  const [seen, setSeen] = useState(false);
  return (
    <div className="field">
      {above}
      <div className="with-button">
        <input
          className="input"
          {...rest}
          {...box}
          type={seen ? 'text' : 'password'}
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
        />
        <Button
          kind="quiet"
          aria-pressed={seen}
          aria-label={texts.account.showPassword}
          onClick={() => setSeen(!seen)}
        >
          {seen ? texts.account.hide : texts.account.show}
        </Button>
      </div>
      {meter}
      {below}
    </div>
  );
}
