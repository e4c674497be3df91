/** Posts, pictures and reactions of one person, kept apart. */

import '../../parts/tabs.css';

import { Empty } from '../../parts/empty';
import { Link } from '../../parts/link';
import { useDrafts, useMe, useTimeline } from '../../store/hooks';
import type { Person, TimelineKey } from '../../store/types';
import { texts } from '../../texts/texts';
import { Feed } from '../timeline/feed';

export type Tab = 'posts' | 'pictures' | 'reactions';

const LISTS = { posts: 'user', pictures: 'media', reactions: 'reactions' } as const;

const NAMES = {
  posts: texts.profile.posts,
  pictures: texts.profile.pictures,
  reactions: texts.profile.reactions,
} as const;

const NOTHING = {
  posts: [texts.profile.noPosts, texts.profile.noPostsYours],
  pictures: [texts.profile.noPictures, texts.profile.noPicturesYours],
  reactions: [texts.profile.noReactions, texts.profile.noReactionsYours],
} as const;

interface Props {
  person: Person;
  tab: Tab;
}

const ALL: readonly Tab[] = ['posts', 'pictures', 'reactions'];

export function Tabs({ person, tab }: Props) {
  return (
    <nav className="tabs-line" aria-label={texts.profile.kept}>
      {ALL.map((each) => (
        <Link
          key={each}
          href={each === 'posts' ? `/@${person.name}` : `/@${person.name}/${each}`}
          replace
          aria-current={each === tab ? 'page' : undefined}
        >
          {NAMES[each]}
        </Link>
      ))}
    </nav>
  );
}

export function ProfileFeed({ person, tab }: Props) {
  const list: TimelineKey = `${LISTS[tab]}:${person.id}`;
  const timeline = useTimeline(list);
  const me = useMe();
  const drafts = useDrafts();
  const isMine = me?.id === person.id;
  const [title, mine] = NOTHING[tab];
  return (
    <Feed
      list={list}
      timeline={timeline}
      name={NAMES[tab]}
      {...(isMine && tab === 'posts' ? { drafts } : {})}
      empty={<Empty title={title}>{isMine ? mine : null}</Empty>}
    />
  );
}
