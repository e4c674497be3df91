/** The sticky head of a page: where one is, whether it is live, what waits. */

import './head.css';

import { ArrowLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { Lamp } from '../parts/lamp';
import { texts } from '../texts/texts';
import { Act } from '../ui/act';
import { Button } from '../ui/button';
import { goBack } from './go-back';
import { useWire } from './use-wire';

interface Props {
  title: string;
  /** Only for ears: the page shows its own heading below. */
  quiet?: boolean;
  /** Not a page of the navigation: there is a way back. */
  back?: boolean;
  /** Stands in the place of the title, which is then only for ears. */
  field?: ReactNode;
  children?: ReactNode;
}

export function Head({ title, quiet = false, back = false, field, children }: Props) {
  const wire = useWire();
  const lamp = (
    <span className="lamp-place">
      <Lamp state={wire.lamp} name={wire.name} />
    </span>
  );
  const heading = <h1 className={field || (quiet && !wire.note) ? 'said' : undefined}>{title}</h1>;
  return (
    <header className="head" data-state={wire.note ? wire.lamp : undefined}>
      {back ? <Act icon={ArrowLeft} name={texts.back} mirror onClick={goBack} /> : lamp}
      <div className="head-words">
        {heading}
        {field}
        <p className="head-note" role="status">
          {wire.note}
          {wire.rest ? <span className="head-rest"> {wire.rest}</span> : null}
        </p>
      </div>
      <div className="head-end">
        {wire.retry ? <Button onClick={wire.retry}>{wire.retryName}</Button> : children}
        {back ? lamp : null}
      </div>
    </header>
  );
}
