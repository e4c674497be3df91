/** What every drawing of a person needs. */

import type { Media } from '../wire/protocol';

export interface Face {
  readonly id: string;
  readonly name: string;
  readonly display_name: string;
  readonly avatar: Media | null;
}
