/** Which keys do what. */

import '../../ui/keyboard.css';
import './sheet.css';

import { useMe } from '../../store/hooks';
import { texts } from '../../texts/texts';
import { Dialog } from '../../ui/dialog';
import { type Shortcut, shortcutsFor } from './table';

const GROUPS: readonly { group: Shortcut['group']; title: string }[] = [
  { group: 'move', title: texts.keys.moving },
  { group: 'post', title: texts.keys.aPost },
  { group: 'page', title: texts.keys.anywhere },
  { group: 'go', title: texts.keys.going },
];

export function Sheet({ close }: { close: () => void }) {
  const me = useMe();
  const all = shortcutsFor(me);
  return (
    <Dialog title={texts.keys.title} onClose={close}>
      <div className="keys">
        {GROUPS.map(({ group, title }) => (
          <section key={group}>
            <h3>{title}</h3>
            <dl>
              {all
                .filter((shortcut) => shortcut.group === group)
                .map(({ keys, text }) => (
                  <div key={keys}>
                    <dt>
                      <Keys keys={keys} />
                    </dt>
                    <dd>{text}</dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
      <p className="faint">{texts.keys.off}</p>
    </Dialog>
  );
}

function Keys({ keys }: { keys: string }) {
  const [first = '', second] = keys.split(' ');
  return (
    <>
      <kbd className="key">{first}</kbd>
      {second ? (
        <>
          {' '}
          <span className="said">{texts.keys.afterwards}</span> <kbd className="key">{second}</kbd>
        </>
      ) : null}
    </>
  );
}
