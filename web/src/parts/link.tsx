/** A link within the product: no page load, a real address. */

import type { ComponentProps, MouseEvent } from 'react';
import { Link as Routed } from 'wouter';

type Props = Omit<ComponentProps<'a'>, 'href' | 'ref'> & { href: string; replace?: boolean };

export function Link({ href, replace = false, onClick, ...rest }: Props) {
  const pressed = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    const isPlain = !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (event.defaultPrevented || !isPlain || `${location.pathname}${location.search}` !== href)
      return;
    // One is there already: to its top.
    event.preventDefault();
    window.scrollTo({ top: 0 });
  };
  return <Routed href={href} replace={replace} onClick={pressed} {...rest} />;
}
