/** A link within the product: no page load, a real address. */

import type { ComponentProps } from 'react';
import { Link as Routed } from 'wouter';

type Props = Omit<ComponentProps<'a'>, 'href' | 'ref'> & { href: string; replace?: boolean };

export function Link({ href, replace = false, ...rest }: Props) {
  return <Routed href={href} replace={replace} {...rest} />;
}
