/** Editing one's profile: a name, a few words, a picture or the flag. */

import { useState } from 'react';
import { Flag } from '../../parts/flag';
import { useActions, useLimits, useMe } from '../../store/hooks';
import { measure } from '../../store/text';
import type { Person, ProfileChange } from '../../store/types';
import { texts } from '../../texts/texts';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { TextArea, TextField } from '../../ui/field';
import { say } from '../../ui/toasts';
import type { Media } from '../../wire/protocol';
import { asRefusal, type Refusal } from '../../wire/refusal';
import { PicturePick } from './picture-pick';

export function Edit({ close }: { close: () => void }) {
  const me = useMe();
  return me ? <EditForm me={me} close={close} /> : null;
}

function EditForm({ me, close }: { me: Person; close: () => void }) {
  const actions = useActions();
  const limits = useLimits();
  const [name, setName] = useState(me.display_name);
  const [bio, setBio] = useState(me.about?.bio ?? '');
  const [avatar, setAvatar] = useState<Media | null>(me.avatar);
  const [percent, setPercent] = useState<number | null>(null);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);

  const change: { -readonly [K in keyof ProfileChange]: ProfileChange[K] } = {};
  if (name.trim() !== me.display_name) change.display_name = name.trim();
  if (bio.trim() !== (me.about?.bio ?? '')) change.bio = bio.trim();
  if (avatar?.id !== me.avatar?.id) change.avatar = avatar;

  const nameLeft = limits.display_name - measure(name).graphemes;
  const bioLeft = limits.bio - measure(bio).graphemes;
  const wrong = (field: string) => (refusal?.field === field ? refusal.message : null);
  const waits = reason();
  function reason(): string | null {
    if (percent !== null) return texts.profile.uploading(percent);
    if (measure(name).empty) return texts.profile.nameNeeded;
    if (nameLeft < 0 || bioLeft < 0) return texts.profile.tooMany(-Math.min(nameLeft, bioLeft));
    return Object.keys(change).length === 0 ? texts.profile.unchanged : null;
  }

  const choose = async (file: File) => {
    setRefusal(null);
    setPercent(0);
    const progress = (part: number) => setPercent(Math.round(part * 100));
    try {
      setAvatar(await actions.upload(file, texts.profile.pictureOf(me.display_name), progress));
    } catch (error) {
      setRefusal(asRefusal(error));
    } finally {
      setPercent(null);
    }
  };
  const save = async () => {
    setBusy(true);
    const refused = await actions.updateProfile(change);
    setBusy(false);
    setRefusal(refused);
    if (refused) return;
    close();
    say(texts.profile.saved);
  };
  const general = refusal && !['display_name', 'bio'].includes(refusal.field ?? '');
  return (
    <Dialog
      title={texts.profile.editTitle}
      onClose={close}
      footer={
        <>
          <Button onClick={close}>{texts.cancel}</Button>
          <Button kind="lamp" busy={busy} waits={waits} onClick={save}>
            {busy ? texts.profile.saving : texts.profile.save}
          </Button>
        </>
      }
    >
      <PicturePick
        flag={<Flag person={{ ...me, avatar }} size="4.5rem" />}
        hasPicture={avatar !== null}
        percent={percent}
        types={limits.media_types}
        onChoose={choose}
        onFlag={() => setAvatar(null)}
      />
      {general ? (
        <p className="wrong" role="alert">
          {refusal.message}
        </p>
      ) : null}
      <TextField
        label={texts.profile.name}
        value={name}
        autoComplete="name"
        wrong={nameLeft < 0 ? texts.profile.tooMany(-nameLeft) : wrong('display_name')}
        onChange={(event) => setName(event.target.value)}
      />
      <TextArea
        label={texts.profile.about}
        rows={3}
        value={bio}
        hint={<span className="num">{texts.profile.left(Math.max(0, bioLeft))}</span>}
        wrong={bioLeft < 0 ? texts.profile.tooMany(-bioLeft) : wrong('bio')}
        onChange={(event) => setBio(event.target.value)}
      />
    </Dialog>
  );
}
