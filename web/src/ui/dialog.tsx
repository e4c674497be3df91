/** A native dialog, open for as long as it is drawn; the focus goes back to where it came from. */

import './dialog.css';

import { X } from 'lucide-react';
import type { MouseEvent, ReactNode } from 'react';
import { useId, useLayoutEffect, useRef } from 'react';
import { texts } from '../texts/texts';
import { Act } from './act';

interface Props {
  title: ReactNode;
  /** Asked by Escape, the cross and a press beside it. */
  onClose: () => void;
  footer?: ReactNode;
  /** Asks before something that cannot be undone. */
  grave?: boolean;
  /** Draws all of it by itself: no header, no body. */
  bare?: boolean;
  children?: ReactNode;
}

export function Dialog({ title, onClose, footer, grave = false, bare = false, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  // While it still stands in the page: a dialog that is gone gives no focus back.
  useLayoutEffect(() => {
    const element = dialog.current;
    if (element && !element.open) {
      element.showModal();
      element.querySelector<HTMLElement>('[data-focus]')?.focus();
    }
    return () => element?.close();
  }, []);
  const besides = (event: MouseEvent) => {
    if (event.target === dialog.current) onClose();
  };
  return (
    <dialog
      ref={dialog}
      className={bare ? 'dialog-bare' : 'dialog'}
      role={grave ? 'alertdialog' : undefined}
      aria-labelledby={heading}
      onCancel={(event) => {
        if (event.target !== dialog.current) return;
        event.preventDefault();
        onClose();
      }}
      onMouseDown={besides}
    >
      {bare ? (
        <>
          <h2 id={heading} className="said">
            {title}
          </h2>
          {children}
        </>
      ) : (
        <>
          <header>
            <h2 id={heading}>{title}</h2>
            <Act icon={X} name={texts.close} onClick={onClose} />
          </header>
          <div className="body">{children}</div>
          {footer ? <footer>{footer}</footer> : null}
        </>
      )}
    </dialog>
  );
}
