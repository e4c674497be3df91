/** One notice: who did what, and the first words of the post it is about. */

import type { LucideIcon } from 'lucide-react';
import { AtSign, MessageSquare, Quote, Repeat2, UserRound } from 'lucide-react';
import { type ReactNode, useEffect } from 'react';
import { Flag } from '../../parts/flag';
import { Link } from '../../parts/link';
import { Time } from '../../parts/time';
import { useActions, usePost } from '../../store/hooks';
import { listed } from '../../texts/numbers';
import { texts } from '../../texts/texts';
import { Icon } from '../../ui/icon';
import type { Notice } from '../../wire/protocol';

const ICONS: Record<Exclude<Notice['what'], 'reaction'>, LucideIcon> = {
  retweet: Repeat2,
  reply: MessageSquare,
  mention: AtSign,
  quote: Quote,
  follow: UserRound,
};

/** Names in one notice; who else is a number. */
const NAMED = 3;

export function NoticeRow({ notice, unread }: { notice: Notice; unread: boolean }) {
  const [first] = notice.users;
  if (first === undefined) return null;
  const href = notice.post_id ? `/post/${notice.post_id}` : `/@${first.name}`;
  const { what, emoji = '' } = notice;
  const did =
    what === 'reaction'
      ? texts.notices.did.reaction(notice.count, emoji)
      : texts.notices.did[what](notice.count);
  return (
    <article
      className="wired notice"
      data-unread={unread || undefined}
      data-stop={`notice ${notice.id}`}
      tabIndex={-1}
    >
      <Link className="who-what" href={href} data-key="Enter" aria-hidden="true" tabIndex={-1}>
        <Flag person={first} />
        <span className="kind">
          {what === 'reaction' ? emoji : <Icon of={ICONS[what]} mirror={what === 'reply'} />}
        </span>
      </Link>
      <div className="main">
        <p>
          <Link href={href}>
            <Names notice={notice} /> {did}
          </Link>
        </p>
        {notice.post_id ? <Words postId={notice.post_id} /> : null}
        <Time at={notice.created_at} />
      </div>
    </article>
  );
}

/** "Ada, Bob and 3 others". */
function Names({ notice: { users, count } }: { notice: Notice }) {
  const named = count > NAMED ? users.slice(0, NAMED - 1) : users;
  const others = count - named.length;
  const names = named.map((person) => person.display_name || `@${person.name}`);
  const all = others > 0 ? [...names, texts.notices.others(others)] : names;
  let place = 0;
  const pieces: ReactNode[] = listed(all).map((piece) => {
    if (piece.type !== 'element') return piece.value;
    const person = named[place];
    place += 1;
    if (person === undefined) return piece.value;
    return (
      <b key={person.id}>
        <bdi>{piece.value}</bdi>
      </b>
    );
  });
  return <>{pieces}</>;
}

function Words({ postId }: { postId: string }) {
  const actions = useActions();
  const post = usePost(postId);
  const isKnown = post !== undefined;
  useEffect(() => {
    if (!isKnown) actions.openWords(postId);
  }, [actions, postId, isKnown]);
  const words = post && !post.deleted ? post.text || post.media[0]?.alt : '';
  // A line is kept for them: nothing moves when they come.
  return (
    <p className="of" dir="auto">
      {words || '\u00a0'}
    </p>
  );
}
