/** The door: a form beside a picture of what is behind it. */

import './account.css';

import type { FormEvent, ReactNode } from 'react';
import { Link } from '../../parts/link';
import { texts } from '../../texts/texts';
import { Button } from '../../ui/button';
import { PasswordField, TextField } from '../../ui/field';
import { Wordmark } from '../../ui/wordmark';
import type { DoorState } from './use-door';

interface Props {
  /** What is done here: the heading, and the button. */
  title: string;
  /** The button's words meanwhile. */
  busyTitle: string;
  door: DoorState;
  nameHint?: string;
  /** What a keeper of passwords is to offer. */
  passwords: 'current-password' | 'new-password';
  passwordHint?: string;
  meter?: ReactNode;
  onSubmit: () => Promise<void>;
  /** The way for those who are wrong here. */
  foot: ReactNode;
  /** Further fields, between the name and the password. */
  children?: ReactNode;
}

export function Door(props: Props) {
  const { title, busyTitle, door, onSubmit, foot } = props;
  const submitted = (event: FormEvent) => {
    event.preventDefault();
    void onSubmit();
  };
  return (
    <main className="door" id="posts" tabIndex={-1}>
      <div className="door-in">
        <div className="door-picture">
          <Halyard />
        </div>
        <form className="door-form" onSubmit={submitted} noValidate>
          <Link className="door-mark" href="/explore" aria-label={texts.name}>
            <Wordmark />
          </Link>
          <h1>{title}</h1>
          <Fields {...props} />
          {door.wrong.all ? (
            <p className="door-wrong" role="alert">
              {door.wrong.all}
            </p>
          ) : null}
          <Button kind="lamp" type="submit" busy={door.busy}>
            {door.busy ? busyTitle : title}
          </Button>
          <p>{foot}</p>
        </form>
      </div>
    </main>
  );
}

function Fields({ door, nameHint, passwords, passwordHint, meter, children }: Props) {
  return (
    <>
      <TextField
        label={texts.account.name}
        name="name"
        hint={nameHint}
        autoComplete="username"
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        value={door.name}
        wrong={door.wrong.name}
        onChange={(event) => door.setName(event.target.value)}
      />
      {children}
      <PasswordField
        label={texts.account.password}
        name="password"
        autoComplete={passwords}
        meter={meter}
        hint={passwordHint}
        value={door.password}
        wrong={door.wrong.password}
        onChange={(event) => door.setPassword(event.target.value)}
      />
    </>
  );
}

/** A wire with a lamp at its head and four people on it. */
function Halyard() {
  return (
    <svg viewBox="0 0 600 720" aria-hidden="true">
      <path d="M300 92V4000" stroke="#5f7f80" strokeWidth="5" />
      <g fill="var(--door-lamp)">
        <circle cx="300" cy="92" r="60" opacity=".14" />
        <circle cx="300" cy="92" r="39" opacity=".26" />
        <circle cx="300" cy="92" r="20" />
      </g>
      <rect x="234" y="188" width="132" height="104" rx="16" fill="var(--flag-chalk)" />
      <path
        d="M250 188h50v52h-66v-36a16 16 0 0 1 16-16zM300 240h66v36a16 16 0 0 1-16 16h-50z"
        fill="var(--flag-brick)"
      />
      <rect x="234" y="322" width="132" height="104" rx="16" fill="var(--flag-sea)" />
      <circle cx="300" cy="374" r="29" fill="var(--flag-chalk)" />
      <rect x="234" y="456" width="132" height="104" rx="16" fill="var(--flag-lamp)" />
      <path
        d="M250 456a16 16 0 0 0-16 16v72a16 16 0 0 0 16 16h100a16 16 0 0 0 11-4.5L239 460.5a16 16 0 0 1 11-4.5z"
        fill="var(--flag-moss)"
      />
      <rect x="234" y="590" width="132" height="104" rx="16" fill="var(--flag-plum)" />
      <path d="M285 590h30v104h-30zM234 627h132v30H234z" fill="var(--flag-chalk)" />
    </svg>
  );
}
