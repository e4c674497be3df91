/** A post that is on its way: the wire is dashed, nothing written is lost. */

import { CircleAlert, Clock, MessageSquare } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Link } from '../../parts/link';
import { Note } from '../../parts/note';
import { Knot, PostFrame } from '../../parts/post';
import { Quote } from '../../parts/quote';
import { RichText } from '../../parts/rich-text';
import type { Slot } from '../../store/api';
import { useActions, useConnection, useDraft, useMe, usePost, useUser } from '../../store/hooks';
import type { Draft, Picture } from '../../store/types';
import { texts } from '../../texts/texts';
import { Act } from '../../ui/act';
import { Button } from '../../ui/button';
import { Icon } from '../../ui/icon';
import { say } from '../../ui/toasts';
import { openComposer } from '../compose/open';
import { useGoOn } from '../compose/use-go-on';

const SAID = {
  sending: texts.time.sending,
  pictures: texts.time.sending,
  waiting: texts.time.waiting,
  failed: texts.time.notSent,
} as const;

export function DraftRow({ draft }: { draft: Draft }) {
  const me = useMe();
  if (!me) return null;
  return (
    <PostFrame
      stop={`draft ${draft.key}`}
      author={me}
      state={draft.state === 'failed' ? 'failed' : 'pending'}
      knot={draft.reply_to ? <DraftKnot postId={draft.reply_to} /> : null}
      at={<span className="at">{SAID[draft.state]}</span>}
    >
      {draft.text ? <RichText text={draft.text} /> : null}
      <DraftPictures pictures={draft.pictures} />
      {draft.quote_of ? <DraftQuote postId={draft.quote_of} /> : null}
      {draft.state === 'waiting' ? <WaitingNote draft={draft} /> : null}
      {draft.state === 'failed' ? <FailedNote draft={draft} /> : <Foot draft={draft} />}
    </PostFrame>
  );
}

/** One may answer oneself before it is sent: the answer waits for it. */
function Foot({ draft }: { draft: Draft }) {
  return (
    <footer className="foot">
      <div className="acts">
        <Act
          icon={MessageSquare}
          mirror
          name={texts.post.reply(0)}
          data-key="r"
          onClick={() => openComposer({ replyTo: draft.key })}
        />
      </div>
    </footer>
  );
}

function DraftKnot({ postId }: { postId: string }) {
  const post = usePost(postId);
  const parent = useUser(post?.author_id);
  const draft = useDraft(postId);
  const me = useMe();
  const name = (draft ? me : parent)?.display_name;
  if (name === undefined) return null;
  return (
    <Knot mark={<Icon of={MessageSquare} mirror />}>
      {texts.post.to}{' '}
      {draft ? (
        <bdi>{name}</bdi>
      ) : (
        <Link href={`/post/${postId}`}>
          <bdi>{name}</bdi>
        </Link>
      )}
    </Knot>
  );
}

function DraftQuote({ postId }: { postId: string }) {
  const post = usePost(postId);
  const author = useUser(post?.author_id);
  return post && author && !post.deleted ? <Quote post={post} author={author} /> : null;
}

function DraftPictures({ pictures }: { pictures: readonly Picture[] }) {
  if (pictures.length === 0) return null;
  return (
    <div className="small-pictures">
      {pictures.map((picture) => (
        <img key={picture.id} src={picture.preview} alt={picture.alt} />
      ))}
    </div>
  );
}

function slotOf({ reply_to, quote_of }: Draft): Slot {
  if (reply_to) return `reply:${reply_to}`;
  return quote_of ? `quote:${quote_of}` : 'home';
}

function useEdit(draft: Draft) {
  const actions = useActions();
  const goOn = useGoOn();
  return () => {
    const slot = actions.editDraft(draft.key);
    if (slot) goOn(slot);
  };
}

function WaitingNote({ draft }: { draft: Draft }) {
  const edit = useEdit(draft);
  const { state } = useConnection();
  const left = useCountdown(draft.notBefore);
  const why = draft.refusal !== null && left > 0 ? draft.refusal.message : null;
  // Those before it say what they wait for; it goes right behind them.
  if (why === null && state === 'live') return null;
  return (
    <Note
      icon={Clock}
      text={why === null ? texts.note.waiting : `${why} ${texts.note.againIn(left)}`}
    >
      <Button kind="quiet" onClick={edit}>
        {texts.note.edit}
      </Button>
    </Note>
  );
}

function FailedNote({ draft }: { draft: Draft }) {
  const actions = useActions();
  const edit = useEdit(draft);
  const goOn = useGoOn();
  const reason = draft.refusal?.message ?? texts.refused.generic;
  const discard = () => {
    actions.discardDraft(draft.key);
    const bringBack = () => goOn(slotOf(draft), draft.text);
    if (draft.text !== '')
      say(texts.note.discarded, { label: texts.note.bringBack, do: bringBack });
  };
  return (
    <Note icon={CircleAlert} danger text={reason}>
      <Button onClick={() => actions.retryDraft(draft.key)}>{texts.tryAgain}</Button>
      <Button onClick={edit}>{texts.note.edit}</Button>
      <Button onClick={discard}>{texts.note.discard}</Button>
    </Note>
  );
}

/** Whole seconds left until `end`, in ms since 1970. */
function useCountdown(end: number): number {
  const rest = () => Math.max(0, Math.ceil((end - Date.now()) / 1000));
  const [left, setLeft] = useState(rest);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `rest` is nothing but `end`.
  useEffect(() => {
    setLeft(rest());
    if (rest() === 0) return;
    const timer = setInterval(() => {
      setLeft(rest());
      if (rest() === 0) clearInterval(timer);
    }, 250);
    return () => clearInterval(timer);
  }, [end]);
  return left;
}
