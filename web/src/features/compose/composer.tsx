/** The composer: one row at rest; grows with what is written; never cuts. */

import './compose.css';

import { Image, SmilePlus } from 'lucide-react';
import type { ClipboardEvent, DragEvent, KeyboardEvent } from 'react';
import { useId, useRef, useState } from 'react';
import type { Slot } from '../../store/api';
import { useLimits } from '../../store/hooks';
import { texts } from '../../texts/texts';
import { Act } from '../../ui/act';
import { Button } from '../../ui/button';
import { EmojiPopover, expectPicker } from '../emoji/open';
import { Count } from './count';
import { Uploads } from './uploads';
import { useCompose } from './use-compose';

interface Props {
  slot: Slot;
  label: string;
  placeholder: string;
  action: string;
  /** One row until something is written. */
  small?: boolean;
  /** The focus begins here, in a dialog. */
  begins?: boolean;
  onSent?: () => void;
}

const filesOf = (transfer: DataTransfer | null) =>
  [...(transfer?.files ?? [])].filter((file) => file.type.startsWith('image/'));

export function Composer({ slot, label, placeholder, action, small, begins, onSent }: Props) {
  const compose = useCompose({ slot, onSent });
  const [isOver, setOver] = useState(false);
  const [inside, setInside] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const hint = useId();
  const isSmall = small && !inside && compose.text === '' && compose.pictures.length === 0;

  const keyed = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    compose.send();
  };
  const pasted = (event: ClipboardEvent) => {
    const files = filesOf(event.clipboardData);
    if (files.length === 0) return;
    event.preventDefault();
    compose.add(files);
  };
  const dropped = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    compose.add(filesOf(event.dataTransfer));
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is one more way; the button is the one for all.
    <div
      className="composer"
      data-slot={slot}
      data-small={isSmall || undefined}
      data-over={compose.left < 0 || undefined}
      data-drop={isOver || undefined}
      // Once grown it stays so: what lies below must not move while a finger is on its way there.
      onFocus={() => setInside(true)}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes('Files')) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={dropped}
    >
      <div
        className="write-area"
        data-words={isOver ? texts.compose.drop(compose.most) : undefined}
      >
        <Marked text={compose.text} excess={compose.excess} />
        <textarea
          ref={area}
          rows={1}
          dir="auto"
          aria-label={label}
          aria-describedby={compose.left < 0 ? hint : undefined}
          aria-invalid={compose.left < 0 || undefined}
          placeholder={placeholder}
          value={compose.text}
          data-focus={begins || undefined}
          onChange={(event) => compose.setText(event.target.value)}
          onKeyDown={keyed}
          onPaste={pasted}
        />
      </div>
      <Uploads slot={slot} pictures={compose.pictures} />
      <div className="tools">
        <AddPictures
          full={compose.pictures.length >= compose.most}
          most={compose.most}
          onAdd={compose.add}
        />
        <AddEmoji
          onPick={(emoji) => area.current && insert(area.current, emoji, compose.setText)}
        />
        <Count id={hint} left={compose.left} limit={compose.limit} />
        {isSmall ? null : (
          <Button kind="lamp" waits={compose.waits} onClick={compose.send}>
            {action}
          </Button>
        )}
      </div>
    </div>
  );
}

/** The same words below the box: they give it its height, and mark what is too much. */
function Marked({ text, excess }: { text: string; excess: number }) {
  return (
    <div className="marked" aria-hidden="true">
      {text.slice(0, excess)}
      {excess < text.length ? <mark>{text.slice(excess)}</mark> : null}
      {'\u200b'}
    </div>
  );
}

/** Put `emoji` where the caret is. */
function insert(area: HTMLTextAreaElement, emoji: string, setText: (text: string) => void): void {
  const { selectionStart: from, selectionEnd: to, value } = area;
  setText(value.slice(0, from) + emoji + value.slice(to));
  requestAnimationFrame(() => {
    area.focus();
    area.setSelectionRange(from + emoji.length, from + emoji.length);
  });
}

interface AddPicturesProps {
  full: boolean;
  most: number;
  onAdd: (files: readonly File[]) => void;
}

function AddPictures({ full, most, onAdd }: AddPicturesProps) {
  const input = useRef<HTMLInputElement>(null);
  const { media_types } = useLimits();
  return (
    <>
      <input
        ref={input}
        type="file"
        hidden
        multiple
        accept={media_types.join(',')}
        onChange={(event) => {
          onAdd([...(event.target.files ?? [])]);
          event.target.value = '';
        }}
      />
      <Act
        icon={Image}
        name={texts.compose.addPictures}
        title={full ? texts.compose.atMost(most) : undefined}
        aria-disabled={full || undefined}
        onClick={() => {
          if (!full) input.current?.click();
        }}
      />
    </>
  );
}

function AddEmoji({ onPick }: { onPick: (emoji: string) => void }) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <Act
        icon={SmilePlus}
        ref={button}
        name={texts.compose.addEmoji}
        aria-haspopup="dialog"
        aria-expanded={open}
        onPointerEnter={expectPicker}
        onClick={() => setOpen(true)}
      />
      {open ? (
        <EmojiPopover
          name={texts.react.chooseEmoji}
          anchor={button}
          onPick={onPick}
          onClose={() => setOpen(false)}
        />
      ) : null}
    </>
  );
}
