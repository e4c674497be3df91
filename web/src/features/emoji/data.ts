/** The emoji that can be picked: all of them, from this server, with one's own latest in front. */

import { defaultEmojiDataResolver, type EmojiData, type EmojiDataResolver } from 'frimousse';
import { texts } from '../../texts/texts';
import { lately } from './lately';

/** Where this server keeps the data; put in by the build. */
declare const __EMOJI_DATA_URL__: string;

export const LATELY = -1;

function withLately(data: EmojiData): EmojiData {
  const own = lately().map((emoji) => {
    const known = data.emojis.find(
      (each) => each.emoji === emoji || Object.values(each.skins ?? {}).includes(emoji),
    );
    return { label: known?.label ?? emoji, version: 0, tags: [], emoji, category: LATELY };
  });
  return {
    ...data,
    emojis: [...own, ...data.emojis],
    categories: [{ index: LATELY, label: texts.react.lately }, ...data.categories],
  };
}

export const emojiData: EmojiDataResolver = async (locale, options) =>
  withLately(
    await defaultEmojiDataResolver(locale, { ...options, emojibaseUrl: __EMOJI_DATA_URL__ }),
  );
