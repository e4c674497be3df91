/** One line about what happened out of sight, and one way back. */

import './toast.css';

import { useEffect, useRef } from 'react';
import { create } from 'zustand';
import { Button } from './button';

interface Toast {
  text: string;
  undo?: { label: string; do: () => void } | undefined;
}

const TOAST_MS = 6_000;

const useToast = create<{ toast: Toast | null }>(() => ({ toast: null }));

/** Show this line for a while; a newer one takes its place. */
export function say(text: string, undo?: Toast['undo']): void {
  useToast.setState({ toast: { text, undo } });
}

export function Toasts() {
  const toast = useToast((state) => state.toast);
  const region = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Above whatever dialog is open by now.
    region.current?.hidePopover?.();
    if (!toast) return;
    region.current?.showPopover?.();
    let timer: ReturnType<typeof setTimeout>;
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        // Not while someone is on its button.
        if (region.current?.matches(':hover, :focus-within')) later();
        else useToast.setState({ toast: null });
      }, TOAST_MS);
    };
    later();
    return () => clearTimeout(timer);
  }, [toast]);
  return (
    <div className="toasts" popover="manual" role="status" ref={region}>
      {toast ? (
        <p className="toast">
          {toast.text}
          {toast.undo ? (
            <Button
              onClick={() => {
                toast.undo?.do();
                useToast.setState({ toast: null });
              }}
            >
              {toast.undo.label}
            </Button>
          ) : null}
        </p>
      ) : null}
    </div>
  );
}
