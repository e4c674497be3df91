/** Any emoji there is: search first, arrow keys, yours lit. Loaded when it is first asked for. */

import './picker.css';

import { EmojiPicker, type EmojiPickerListComponents } from 'frimousse';
import { Search } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { language, texts } from '../../texts/texts';
import { Button } from '../../ui/button';
import { Icon } from '../../ui/icon';
import { emojiData } from './data';
import { Kinds, type Place } from './kinds';

export interface PickerProps {
  name: string;
  /** The chosen ones; they are lit. */
  mine?: readonly string[];
  /** Said at the foot. */
  foot?: string;
  onPick: (emoji: string) => void;
}

const COLUMNS = 8;

const NONE: readonly string[] = [];

export function Picker({ name, mine = NONE, foot, onPick }: PickerProps) {
  const viewport = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const [places, setPlaces] = useState<readonly Place[]>([]);
  const [failed, setFailed] = useState(false);
  const [turn, setTurn] = useState(0);
  const [words, setWords] = useState('');
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // On a touch screen the keyboard would cover what there is to choose from.
    const isTouch = matchMedia('(pointer: coarse)').matches;
    (isTouch ? root : search).current?.focus({ preventScroll: true });
  }, []);

  const components = useMemo<Partial<EmojiPickerListComponents>>(
    () => ({
      CategoryHeader: ({ category, ...rest }) => <div {...rest}>{category.label}</div>,
      // The list counts from nought, ears count from one.
      Row: ({ 'aria-rowindex': row, ...rest }) => (
        // biome-ignore lint/a11y/useAriaPropsSupportedByRole: its role is among the rest.
        <div {...rest} aria-rowindex={row === undefined ? undefined : row + 1} />
      ),
      Emoji: ({ emoji, 'aria-colindex': column = 0, ...rest }) => {
        const on = mine.includes(emoji.emoji);
        return (
          // biome-ignore lint/a11y/useAriaPropsSupportedByRole: its role is among the rest.
          <button
            {...rest}
            type="button"
            aria-colindex={column + 1}
            data-on={on || undefined}
            aria-label={on ? texts.react.yours(emoji.label) : emoji.label}
          >
            {emoji.emoji}
          </button>
        );
      },
    }),
    [mine],
  );

  return (
    <EmojiPicker.Root
      key={turn}
      className="picker"
      ref={root}
      tabIndex={-1}
      role="dialog"
      aria-label={name}
      columns={COLUMNS}
      locale={language}
      onEmojiSelect={({ emoji }) => onPick(emoji)}
      resolveEmojiData={async (locale, options) => {
        try {
          const data = await emojiData(locale, options);
          setPlaces(placesOf(data));
          return data;
        } catch (error) {
          setFailed(true);
          throw error;
        }
      }}
    >
      <div className="searchbox">
        <Icon of={Search} />
        <EmojiPicker.Search
          className="input"
          ref={search}
          placeholder={texts.react.search}
          aria-label={texts.react.search}
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
      </div>
      {words || places.length === 0 ? null : <Kinds places={places} viewport={viewport} />}
      <EmojiPicker.Viewport className="picker-view" ref={viewport} tabIndex={0}>
        {failed ? (
          <div className="picker-state" role="alert">
            {texts.react.failed}
            <Button
              onClick={() => {
                setFailed(false);
                setTurn(turn + 1);
              }}
            >
              {texts.tryAgain}
            </Button>
          </div>
        ) : (
          <EmojiPicker.Loading className="picker-state">{texts.react.loading}</EmojiPicker.Loading>
        )}
        <EmojiPicker.Empty>
          {({ search: asked }) => <span className="picker-state">{texts.react.none(asked)}</span>}
        </EmojiPicker.Empty>
        <EmojiPicker.List className="picker-list" components={components} aria-label={name} />
      </EmojiPicker.Viewport>
      <footer>
        <EmojiPicker.ActiveEmoji>
          {({ emoji }) =>
            emoji ? (
              <>
                <span className="e" aria-hidden="true">
                  {emoji.emoji}
                </span>
                <span className="what">{emoji.label}</span>
              </>
            ) : (
              <span className="what faint">{foot}</span>
            )
          }
        </EmojiPicker.ActiveEmoji>
        <EmojiPicker.SkinToneSelector className="picker-skin" aria-label={texts.react.skin} />
      </footer>
    </EmojiPicker.Root>
  );
}

/** After how many rows and headings each kind begins. */
function placesOf(data: Awaited<ReturnType<typeof emojiData>>): Place[] {
  let rows = 0;
  return data.categories.flatMap(({ index, label }, at) => {
    const count = data.emojis.filter((each) => each.category === index).length;
    const place = { index, label, rows, headings: at };
    rows += Math.ceil(count / COLUMNS);
    return count > 0 ? [place] : [];
  });
}
