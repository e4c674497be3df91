/** A composer that hangs on the wire, beside one's own flag. */

import '../../parts/wire.css';

import { memo } from 'react';
import { Flag } from '../../parts/flag';
import { useMe, usePost, useUser } from '../../store/hooks';
import { texts } from '../../texts/texts';
import { Composer } from './composer';

export const WiredComposer = memo(function WiredComposer({ slot }: { slot: 'home' }) {
  const me = useMe();
  if (!me) return null;
  return (
    <div className="wired" data-plain data-composer>
      <Flag person={me} leads />
      <div className="main">
        <Composer
          slot={slot}
          small
          label={texts.compose.write}
          placeholder={texts.compose.placeholder}
          action={texts.compose.post}
        />
      </div>
    </div>
  );
});

export function WiredReply({ postId }: { postId: string }) {
  const me = useMe();
  const post = usePost(postId);
  const author = useUser(post?.author_id);
  if (!me || !author) return null;
  return (
    <div className="wired" data-composer>
      <Flag person={me} leads />
      <div className="main">
        <Composer
          slot={`reply:${postId}`}
          small
          label={texts.compose.replyLabel(author.display_name)}
          placeholder={texts.compose.replyPlaceholder(author.display_name)}
          action={texts.compose.reply}
        />
      </div>
    </div>
  );
}
