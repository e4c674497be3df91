/** One post in a list, with who carried it there. */

import { MessageSquare, Repeat } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import { Link } from '../../parts/link';
import { Knot } from '../../parts/post';
import { useHidden, useMe, usePost, useUser } from '../../store/hooks';
import type { Entry, PostItem } from '../../store/types';
import { texts } from '../../texts/texts';
import { Icon } from '../../ui/icon';
import { PostView } from '../post/post';

interface Props {
  entry: Entry;
  fresh?: boolean;
}

export const EntryRow = memo(function EntryRow({ entry, fresh = false }: Props) {
  const post = usePost(entry.post_id);
  const author = useUser(post?.author_id);
  const hidden = useHidden(post?.author_id);
  if (!post || !author || post.deleted || hidden) return null;
  return (
    <PostView
      post={post}
      author={author}
      fresh={fresh}
      knot={<EntryKnot entry={entry} post={post} />}
    />
  );
});

function EntryKnot({ entry, post }: { entry: Entry; post: PostItem }) {
  const me = useMe();
  if (entry.by.length > 0)
    return (
      <Knot mark={<Icon of={Repeat} />}>
        <Names ids={entry.by} others={entry.others} />{' '}
        {texts.post.retweeted(entry.by.length + entry.others, entry.by[0] === me?.id)}
      </Knot>
    );
  return post.reply_to ? <ReplyKnot post={post} /> : null;
}

/** "To Ivo": the post that this one answers. */
export function ReplyKnot({ post }: { post: PostItem }) {
  const parent = useUser(post.parent_author_id);
  const hidden = useHidden(post.parent_author_id);
  return (
    <Knot mark={<Icon of={MessageSquare} mirror />}>
      {parent && !hidden ? (
        <>
          {texts.post.to}{' '}
          <Link href={`/post/${post.reply_to}`}>
            <bdi>{parent.display_name}</bdi>
          </Link>
        </>
      ) : (
        <Link href={`/post/${post.reply_to}`}>{texts.post.toSomeone}</Link>
      )}
    </Knot>
  );
}

/** "Ada, Noor and 3 others". */
function Names({ ids, others }: { ids: readonly string[]; others: number }) {
  return ids.map((id, index) => {
    const isLast = index === ids.length - 1;
    const joint: ReactNode =
      index === 0 ? null : isLast && others === 0 ? ` ${texts.post.and} ` : ', ';
    return (
      <span key={id}>
        {joint}
        <Name id={id} />
        {isLast && others > 0 ? ` ${texts.post.and} ${texts.post.others(others)}` : null}
      </span>
    );
  });
}

function Name({ id }: { id: string }) {
  const person = useUser(id);
  const me = useMe();
  if (!person) return null;
  return (
    <Link href={`/@${person.name}`}>
      <bdi>{person.id === me?.id ? texts.post.youRetweeted : person.display_name}</bdi>
    </Link>
  );
}
