/** What lies over the page: dialogs, each drawn by whoever asked for it. */

import type { ReactNode } from 'react';
import { Suspense } from 'react';
import { create } from 'zustand';

type Draw = (close: () => void) => ReactNode;

interface Layer {
  id: number;
  draw: Draw;
}

const useLayers = create<{ layers: readonly Layer[] }>(() => ({ layers: [] }));

let last = 0;

function hide(id: number): void {
  useLayers.setState(({ layers }) => ({ layers: layers.filter((layer) => layer.id !== id) }));
}

/** Draw this over the page until it calls `close`; what lay there goes. */
export function show(draw: Draw): void {
  last += 1;
  useLayers.setState({ layers: [{ id: last, draw }] });
}

/** The same, above what lies there already. */
export function showAbove(draw: Draw): void {
  last += 1;
  const layer = { id: last, draw };
  useLayers.setState(({ layers }) => ({ layers: [...layers, layer] }));
}

/** Clear all: the page below has become another. */
export function hideAll(): void {
  useLayers.setState({ layers: [] });
}

export function Overlays() {
  const layers = useLayers((state) => state.layers);
  return layers.map(({ id, draw }) => (
    <Suspense fallback={null} key={id}>
      {draw(() => hide(id))}
    </Suspense>
  ));
}
