/** What is being written, by composer; the same words wherever that composer is drawn. */

import { create } from 'zustand';
import type { Slot } from '../../store/api';

interface Words {
  by: Readonly<Partial<Record<Slot, string>>>;
  put: (slot: Slot, text: string) => void;
  /** Nothing here is anybody else's business: at sign-out. */
  forget: () => void;
}

export const words = create<Words>((set) => ({
  by: {},
  put: (slot, text) => set((state) => ({ by: { ...state.by, [slot]: text } })),
  forget: () => set({ by: {} }),
}));
