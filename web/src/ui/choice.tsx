/** One of a few, all in sight. */

import './choice.css';

import { useId } from 'react';

interface Props<T extends string> {
  name: string;
  value: T;
  /** `lang`: in which language a label is, if not in the page's. */
  options: readonly { value: T; label: string; lang?: string }[];
  onChange: (value: T) => void;
}

export function Choice<T extends string>({ name, value, options, onChange }: Props<T>) {
  const group = useId();
  return (
    <fieldset className="choice" aria-label={name}>
      {options.map((option) => (
        <label key={option.value} lang={option.lang}>
          <input
            type="radio"
            name={group}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          {option.label}
        </label>
      ))}
    </fieldset>
  );
}
