/** A person's page: who they are, what they wrote, their pictures, what they reacted to. */

import './profile.css';
import '../../parts/facts.css';

import { CalendarDays } from 'lucide-react';
import { useEffect, useState } from 'react';
import { navigate } from 'wouter/use-browser-location';
import { Head } from '../../app/head';
import { useTitle } from '../../app/title';
import { Empty } from '../../parts/empty';
import { Flag } from '../../parts/flag';
import { Link } from '../../parts/link';
import { RichText } from '../../parts/rich-text';
import { PostBones } from '../../parts/skeleton';
import { useActions, useMe, useProfile, useRelation, useUser } from '../../store/hooks';
import type { Person } from '../../store/types';
import { monthAndYear, number } from '../../texts/numbers';
import { texts } from '../../texts/texts';
import { Button } from '../../ui/button';
import { Icon } from '../../ui/icon';
import { FollowButton } from '../people/follow-button';
import { openEdit } from './open';
import { ProfileFeed, type Tab, Tabs } from './tabs';

interface Props {
  name: string;
  tab: Tab;
}

export function Profile({ name, tab }: Props) {
  const lookup = useProfile(name);
  const person = useUser(lookup?.state === 'ready' ? lookup.user_id : `@${name}`);
  const shown = person && !person.deleted ? person : undefined;
  const isPast = usePast();
  useTitle(shown ? texts.titles.person(shown.display_name, shown.name) : texts.titles.atName(name));
  const isMissing = lookup?.state === 'missing' || person?.deleted;
  return (
    <>
      <Head title={shown?.display_name ?? `@${name}`} back quiet={!isPast} />
      {isMissing ? <Nobody name={name} /> : null}
      {shown && !isMissing ? (
        <>
          <About person={shown} />
          <Tabs person={shown} tab={tab} />
          <ProfileFeed key={`${shown.id} ${tab}`} person={shown} tab={tab} />
        </>
      ) : null}
      {!shown && lookup?.state === 'failed' ? <NotHere name={name} /> : null}
      {shown || isMissing || lookup?.state === 'failed' ? null : (
        <PostBones name={texts.loading} posts={3} />
      )}
    </>
  );
}

/** Whether the page's own heading has scrolled away: then its name moves into the head. */
function usePast() {
  const [isPast, setPast] = useState(false);
  useEffect(() => {
    const measure = () => setPast(window.scrollY > 120);
    measure();
    window.addEventListener('scroll', measure, { passive: true });
    return () => window.removeEventListener('scroll', measure);
  }, []);
  return isPast;
}

function About({ person }: { person: Person }) {
  const me = useMe();
  const relation = useRelation(person.id);
  const about = person.about;
  return (
    <section className="profile" aria-label={person.display_name}>
      <div className="profile-top">
        <Flag person={person} />
        <div className="profile-names">
          <h2>
            <bdi>{person.display_name}</bdi>
          </h2>
          <p className="faint">
            <bdi>@{person.name}</bdi>
            {relation?.followed_by ? ` · ${texts.profile.followsYou}` : null}
          </p>
        </div>
        {me?.id === person.id ? (
          <Button onClick={openEdit}>{texts.profile.edit}</Button>
        ) : (
          <FollowButton person={person} />
        )}
      </div>
      {about?.bio ? (
        <div className="bio">
          <RichText text={about.bio} plain />
        </div>
      ) : null}
      {about ? (
        <p className="facts">
          <Link href={`/@${person.name}/followers`}>
            <b className="num">{number(about.followers)}</b>{' '}
            {texts.profile.followers(about.followers)}
          </Link>
          <Link href={`/@${person.name}/following`}>
            <b className="num">{number(about.following)}</b> {texts.profile.following}
          </Link>
          <span>
            <Icon of={CalendarDays} />
            {texts.profile.since(monthAndYear(new Date(about.created_at)))}
          </span>
        </p>
      ) : null}
    </section>
  );
}

function Nobody({ name }: { name: string }) {
  return (
    <Empty
      title={texts.profile.notFoundTitle}
      actions={<Button onClick={() => navigate('/')}>{texts.nav.home}</Button>}
    >
      {texts.profile.notFound(name)}
    </Empty>
  );
}

function NotHere({ name }: { name: string }) {
  const actions = useActions();
  return (
    <Empty
      drawing="cut"
      title={texts.feed.failedTitle}
      actions={
        <Button kind="lamp" onClick={() => actions.openProfile(name)}>
          {texts.tryAgain}
        </Button>
      }
    />
  );
}
