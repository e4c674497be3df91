/** Windows of one browser, in one process: one at a time works, all others hear. */

import type { Message, Windows } from '../windows';

export class FakeWindows {
  readonly #listeners = new Map<Windows, (message: Message) => void>();
  #queue: Promise<void> = Promise.resolve();

  /** One more window. */
  another(): Windows {
    const window: Windows = {
      alone: (_name, work) => {
        const turn = this.#queue.then(work);
        this.#queue = turn;
        return turn;
      },
      tell: (message) => {
        for (const [other, call] of this.#listeners) {
          if (other !== window) call(structuredClone(message));
        }
      },
      listen: (call) => {
        this.#listeners.set(window, call);
        return () => this.#listeners.delete(window);
      },
    };
    return window;
  }
}
