/** Below a post: reactions first, conversation last. */

import { Ellipsis, MessageSquare, Repeat, SmilePlus } from 'lucide-react';
import { useRef, useState } from 'react';
import { Chips } from '../../parts/chips';
import { useActions, useCounts, useLimits, useMine } from '../../store/hooks';
import type { Person, PostItem } from '../../store/types';
import { short } from '../../texts/numbers';
import { texts } from '../../texts/texts';
import { Act } from '../../ui/act';
import { Icon } from '../../ui/icon';
import { openComposer } from '../compose/open';
import { EmojiPopover, expectPicker } from '../emoji/open';
import { openReactions } from '../people/open';
import { told, useGate } from './gate';
import { MoreMenu, RetweetMenu } from './menus';

interface Props {
  post: PostItem;
  author: Person;
}

const NOTHING: Readonly<Record<string, number>> = {};
const NONE: readonly string[] = [];

export function PostFoot({ post, author }: Props) {
  const counts = useCounts(post.id);
  const mine = useMine(post.id);
  const limits = useLimits();
  const actions = useActions();
  const gate = useGate();
  const reactions = counts?.reactions ?? NOTHING;
  const own = mine?.reactions ?? NONE;
  const react = gate((emoji: string, on: boolean) => told(actions.react(post.id, emoji, on)));
  return (
    <footer className="foot">
      <Chips
        postId={post.id}
        reactions={reactions}
        mine={own}
        limit={limits.reactions}
        add={<AddReaction mine={own} limit={limits.reactions} onReact={react} />}
        onReact={react}
        onMore={() => openReactions(post.id)}
      />
      <Acts post={post} author={author} />
    </footer>
  );
}

interface AddProps {
  mine: readonly string[];
  limit: number;
  onReact: (emoji: string, on: boolean) => void;
}

function AddReaction({ mine, limit, onReact }: AddProps) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const gate = useGate();
  return (
    <>
      <button
        type="button"
        className="chip"
        data-add
        data-key="e"
        ref={button}
        aria-label={texts.post.addReaction}
        aria-haspopup="dialog"
        aria-expanded={open}
        onPointerEnter={expectPicker}
        onFocus={expectPicker}
        onClick={gate(() => setOpen(true))}
      >
        <Icon of={SmilePlus} />
      </button>
      {open ? (
        <EmojiPopover
          name={texts.react.choose}
          anchor={button}
          mine={mine}
          foot={texts.react.used(mine.length, limit)}
          onPick={(emoji) => onReact(emoji, !mine.includes(emoji))}
          onClose={() => setOpen(false)}
        />
      ) : null}
    </>
  );
}

function Acts({ post, author }: Props) {
  const counts = useCounts(post.id);
  const mine = useMine(post.id);
  const gate = useGate();
  const [menu, setMenu] = useState<'retweet' | 'more' | null>(null);
  const retweet = useRef<HTMLButtonElement>(null);
  const more = useRef<HTMLButtonElement>(null);
  const replies = counts?.replies ?? 0;
  const retweets = counts?.retweets ?? 0;
  const close = () => setMenu(null);
  return (
    <div className="acts">
      <Act
        icon={MessageSquare}
        mirror
        name={texts.post.reply(replies)}
        count={replies ? short(replies) : undefined}
        data-key="r"
        onClick={gate(() => openComposer({ replyTo: post.id }))}
      />
      <Act
        icon={Repeat}
        ref={retweet}
        name={texts.post.retweet(retweets)}
        count={retweets ? short(retweets) : undefined}
        data-key="t"
        aria-pressed={mine?.retweeted ?? false}
        aria-haspopup="menu"
        aria-expanded={menu === 'retweet'}
        onClick={gate(() => setMenu('retweet'))}
      />
      <Act
        icon={Ellipsis}
        ref={more}
        name={texts.post.more}
        data-key="m"
        aria-haspopup="menu"
        aria-expanded={menu === 'more'}
        onClick={() => setMenu('more')}
      />
      {menu === 'retweet' ? <RetweetMenu post={post} anchor={retweet} onClose={close} /> : null}
      {menu === 'more' ? (
        <MoreMenu post={post} author={author} anchor={more} onClose={close} />
      ) : null}
    </div>
  );
}
