/** What is being written, by person and composer; the same words wherever that composer is drawn. */

import { create } from 'zustand';
import type { Slot } from '../../store/api';

/** Whose composer it is, and which. */
export type Place = `${string} ${Slot}`;

interface Words {
  by: Readonly<Partial<Record<Place, string>>>;
  put: (place: Place, text: string) => void;
}

export const words = create<Words>((set) => ({
  by: {},
  put: (place, text) => set((state) => ({ by: { ...state.by, [place]: text } })),
}));

export function placeOf(userId: string | null | undefined, slot: Slot): Place {
  return `${userId ?? ''} ${slot}`;
}
