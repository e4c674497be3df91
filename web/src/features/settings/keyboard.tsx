/** Single keys that do things: which, and whether they do. */

import { useState } from 'react';
import { texts } from '../../texts/texts';
import { Button } from '../../ui/button';
import { Choice } from '../../ui/choice';
import { areKeysOn, setKeys } from '../keys/choice';
import { openKeys } from '../keys/open';
import { Section } from './section';

const OPTIONS = [
  { value: 'on', label: texts.settings.on },
  { value: 'off', label: texts.settings.off },
] as const;

export function Keyboard() {
  const [are, setAre] = useState<'on' | 'off'>(() => (areKeysOn() ? 'on' : 'off'));
  return (
    <Section title={texts.settings.keyboard} what={texts.settings.keyboardWhat}>
      <div className="settings-choice">
        <Choice
          name={texts.settings.keyboard}
          value={are}
          options={OPTIONS}
          onChange={(next) => {
            setAre(next);
            setKeys(next === 'on');
          }}
        />
      </div>
      <div>
        <Button onClick={openKeys}>{texts.settings.allKeys}</Button>
      </div>
    </Section>
  );
}
