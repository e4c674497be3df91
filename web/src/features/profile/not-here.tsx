/** A person who could not be looked up for now. */

import { Empty } from '../../parts/empty';
import { useActions } from '../../store/hooks';
import { texts } from '../../texts/texts';
import { Button } from '../../ui/button';

export function NotHere({ name }: { name: string }) {
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
    >
      {texts.people.profileFailed}
    </Empty>
  );
}
