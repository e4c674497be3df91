/** A menu: rows to choose from by finger, arrow keys or first letter. */

import './menu.css';

import type { LucideIcon } from 'lucide-react';
import type { KeyboardEvent, RefObject } from 'react';
import { useEffect, useRef } from 'react';
import { Icon } from './icon';
import { Popover } from './popover';

export interface Item {
  icon: LucideIcon;
  label: string;
  onChoose: () => void;
  danger?: boolean;
  mirror?: boolean;
}

interface Props {
  name: string;
  items: readonly Item[];
  anchor: RefObject<HTMLElement | null>;
  onClose: () => void;
}

export function Menu({ name, items, anchor, onClose }: Props) {
  const rows = useRef<HTMLDivElement>(null);
  const all = () => [...(rows.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
  useEffect(() => {
    rows.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus();
  }, []);
  const keyed = (event: KeyboardEvent) => {
    const row = all();
    const at = row.indexOf(document.activeElement as HTMLElement);
    const target = next(event.key, at, row);
    if (target) {
      event.preventDefault();
      target.focus();
    } else if (event.key === 'Tab') {
      event.preventDefault();
      onClose();
    }
  };
  return (
    <Popover anchor={anchor} onClose={onClose}>
      <div
        className="menu"
        role="menu"
        tabIndex={-1}
        aria-label={name}
        ref={rows}
        onKeyDown={keyed}
      >
        {items.map((item) => (
          <button
            key={item.label}
            type="button"
            role="menuitem"
            tabIndex={-1}
            data-kind={item.danger ? 'danger' : undefined}
            onClick={() => {
              onClose();
              item.onChoose();
            }}
          >
            <Icon of={item.icon} mirror={item.mirror ?? false} />
            {item.label}
          </button>
        ))}
      </div>
    </Popover>
  );
}

/** The row that this key leads to, if any. */
function next(key: string, at: number, rows: HTMLElement[]): HTMLElement | undefined {
  const count = rows.length;
  if (key === 'ArrowDown') return rows[(at + 1) % count];
  if (key === 'ArrowUp') return rows[(at - 1 + count) % count];
  if (key === 'Home') return rows[0];
  if (key === 'End') return rows[count - 1];
  if (key.length !== 1) return undefined;
  const letter = key.toLocaleLowerCase();
  const turned = [...rows.slice(at + 1), ...rows.slice(0, at + 1)];
  return turned.find((row) => row.textContent?.trim().toLocaleLowerCase().startsWith(letter));
}
