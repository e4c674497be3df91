/** Where the reader's attention is: the finger or mouse that was last over the page, or the focus of the keyboard. */

let last: { readonly x: number; readonly y: number } | null = null;

function moved(event: PointerEvent): void {
  last = { x: event.clientX, y: event.clientY };
}

function left(event: PointerEvent): void {
  // A finger that was lifted was still where the eyes are; a mouse that left the window is not.
  if (event.pointerType === 'mouse' && event.relatedTarget === null) last = null;
}

/** Look from now on. */
export function watchFinger(): void {
  window.addEventListener('pointermove', moved, { passive: true, capture: true });
  window.addEventListener('pointerdown', moved, { passive: true, capture: true });
  document.addEventListener('pointerout', left, { passive: true });
}

/** How far below the top of the window the reader's attention is within `box`; null: not in there. */
export function attention(list: Element, box: DOMRect): number | null {
  const focused = document.activeElement?.closest('.slot');
  if (focused && list.contains(focused) && document.activeElement?.matches(':focus-visible')) {
    const { top, bottom } = focused.getBoundingClientRect();
    if (bottom > 0 && top < window.innerHeight) return Math.max(top, 0);
  }
  if (last === null || last.x < box.left || last.x > box.right) return null;
  return last.y >= 0 && last.y < window.innerHeight ? last.y : null;
}
