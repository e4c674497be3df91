/** The other windows of this browser: one at a time sends, and all hear what became of it. */

import type { Noun } from '../wire/protocol';
import type { Kept } from './kept';
import type { Id } from './types';

export type Message =
  /** This is kept now, or has changed. */
  | { readonly what: 'kept'; readonly kept: Kept }
  /** It is answered for, or was taken back: what came of it, or why nothing did. */
  | {
      readonly what: 'gone';
      readonly user: Id;
      readonly key: string;
      readonly token: string;
      readonly nouns: readonly Noun[];
    };

export interface Windows {
  /** Run `work` while no other window runs work of this name. */
  alone(name: string, work: () => Promise<void>): Promise<void>;
  tell(message: Message): void;
  /** Returns how to stop. */
  listen(call: (message: Message) => void): () => void;
}

const CHANNEL = 'realtime';

/** Where one of the two is missing, each window does as if it were the only one. */
export function browserWindows(): Windows {
  const channel = typeof BroadcastChannel === 'function' ? new BroadcastChannel(CHANNEL) : null;
  const locks = typeof navigator === 'object' && 'locks' in navigator ? navigator.locks : null;
  return {
    async alone(name, work) {
      if (locks === null) return work();
      let isRun = false;
      try {
        await locks.request(name, () => {
          isRun = true;
          return work();
        });
      } catch (thrown) {
        // Forbidden here, as in some private windows.
        if (isRun) throw thrown;
        await work();
      }
    },
    tell: (message) => channel?.postMessage(message),
    listen(call) {
      if (channel === null) return () => undefined;
      const heard = ({ data }: MessageEvent<Message>) => call(data);
      channel.addEventListener('message', heard);
      return () => channel.close();
    },
  };
}

/** The only window there is. */
export const NO_WINDOWS: Windows = {
  alone: (_name, work) => work(),
  tell: () => undefined,
  listen: () => () => undefined,
};
