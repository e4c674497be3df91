/** The menus of a post. Retweeting asks once, so that a slip of the finger is not public. */

import { Heart, Link2, Quote, Repeat, Trash2 } from 'lucide-react';
import type { RefObject } from 'react';
import { useActions, useCounts, useMe, useMine } from '../../store/hooks';
import type { Person, PostItem } from '../../store/types';
import { texts } from '../../texts/texts';
import { type Item, Menu } from '../../ui/menu';
import { say } from '../../ui/toasts';
import { openComposer } from '../compose/open';
import { useHidingItems } from '../hiding/items';
import { openReactions, openRetweeters } from '../people/open';
import { askDelete } from './delete';
import { told } from './gate';

interface Props {
  post: PostItem;
  anchor: RefObject<HTMLElement | null>;
  onClose: () => void;
}

export function RetweetMenu({ post, anchor, onClose }: Props) {
  const mine = useMine(post.id);
  const actions = useActions();
  const on = mine?.retweeted ?? false;
  const items: Item[] = [
    {
      icon: Repeat,
      label: on ? texts.act.undoRetweet : texts.act.retweet,
      onChoose: () => told(actions.retweet(post.id, !on)),
    },
    {
      icon: Quote,
      mirror: true,
      label: texts.act.quote,
      onChoose: () => openComposer({ quoteOf: post.id }),
    },
  ];
  return <Menu name={texts.retweet.menu} items={items} anchor={anchor} onClose={onClose} />;
}

export async function copyLink(id: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(`${location.origin}/post/${id}`);
    say(texts.act.linkCopied);
  } catch {
    say(texts.act.notCopied);
  }
}

export function MoreMenu({ post, author, anchor, onClose }: Props & { author: Person }) {
  const me = useMe();
  const counts = useCounts(post.id);
  const hiding = useHidingItems(author);
  const items: Item[] = [
    { icon: Link2, label: texts.act.copyLink, onChoose: () => void copyLink(post.id) },
  ];
  if (Object.keys(counts?.reactions ?? {}).length > 0)
    items.push({
      icon: Heart,
      label: texts.act.whoReacted,
      onChoose: () => openReactions(post.id),
    });
  if ((counts?.retweets ?? 0) > 0)
    items.push({
      icon: Repeat,
      label: texts.act.whoRetweeted,
      onChoose: () => openRetweeters(post.id),
    });
  items.push(...hiding);
  if (me?.id === author.id)
    items.push({
      icon: Trash2,
      label: texts.act.delete,
      danger: true,
      onChoose: () => askDelete(post.id),
    });
  return <Menu name={texts.post.more} items={items} anchor={anchor} onClose={onClose} />;
}
