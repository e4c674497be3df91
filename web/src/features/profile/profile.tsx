/** A person's page: who they are, what they wrote, their pictures, what they reacted to. */

import './profile.css';
import '../../parts/facts.css';

import { CalendarDays, Ellipsis } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { navigate } from 'wouter/use-browser-location';
import { Head } from '../../app/head';
import { useTitle } from '../../app/title';
import { Empty } from '../../parts/empty';
import { Flag } from '../../parts/flag';
import { Link } from '../../parts/link';
import { RichText } from '../../parts/rich-text';
import { PostBones } from '../../parts/skeleton';
import { useHidden, useMe, useProfile, useRelation, useUser } from '../../store/hooks';
import type { Person } from '../../store/types';
import { monthAndYear, number } from '../../texts/numbers';
import { texts } from '../../texts/texts';
import { Act } from '../../ui/act';
import { Button } from '../../ui/button';
import { Icon } from '../../ui/icon';
import { Menu } from '../../ui/menu';
import { HiddenHere } from '../hiding/here';
import { useHidingItems } from '../hiding/items';
import { FollowButton } from '../people/follow-button';
import { NotHere } from './not-here';
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
  const isHidden = useHidden(shown?.id);
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
          {isHidden ? (
            <HiddenHere person={shown} />
          ) : (
            <ProfileFeed key={`${shown.id} ${tab}`} person={shown} tab={tab} />
          )}
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
          <div className="profile-acts">
            <FollowButton person={person} />
            {me ? <More person={person} /> : null}
          </div>
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

function More({ person }: { person: Person }) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const items = useHidingItems(person);
  const name = texts.hiding.more(person.display_name);
  return (
    <>
      <Act
        icon={Ellipsis}
        ref={button}
        name={name}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(true)}
      />
      {open ? (
        <Menu name={name} items={items} anchor={button} onClose={() => setOpen(false)} />
      ) : null}
    </>
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
