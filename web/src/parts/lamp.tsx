/** The lamp: lit means live. */

import './lamp.css';

interface Props {
  state?: 'live' | 'connecting' | 'off';
  /** What it says where no words stand beside it. */
  name?: string;
}

export function Lamp({ state, name }: Props) {
  if (name) return <span className="lamp" data-state={state} role="img" aria-label={name} />;
  return <span className="lamp" data-state={state} aria-hidden="true" />;
}
