/** How the page looks, and which language it speaks. */

import { useState } from 'react';
import { setTheme, type Theme, theme } from '../../app/theme';
import { choose, chosen, LANGUAGES, type Language, spokenOf } from '../../texts/languages';
import { language, texts } from '../../texts/texts';
import { Button } from '../../ui/button';
import { Choice } from '../../ui/choice';
import { Section } from './section';

const THEMES = [
  { value: 'system', label: texts.settings.system },
  { value: 'light', label: texts.settings.light },
  { value: 'dark', label: texts.settings.dark },
] as const;

export function Look() {
  const [worn, setWorn] = useState<Theme>(theme);
  return (
    <Section title={texts.settings.look}>
      <div className="settings-choice">
        <Choice
          name={texts.settings.theme}
          value={worn}
          options={THEMES}
          onChange={(next) => {
            setWorn(next);
            setTheme(next);
          }}
        />
      </div>
    </Section>
  );
}

const AUTO = 'auto';
const TONGUES: readonly { value: Language | typeof AUTO; label: string; lang?: string }[] = [
  { value: AUTO, label: texts.settings.languageAuto },
  ...LANGUAGES.map(({ tag, name }) => ({ value: tag, label: name, lang: tag })),
];

/** Another language begins with a press of its own: arrow keys only look through the choice. */
export function Speech() {
  const [picked, setPicked] = useState<Language | typeof AUTO>(() => chosen() ?? AUTO);
  const next = picked === AUTO ? spokenOf(navigator.languages) : picked;
  const other = LANGUAGES.find(({ tag }) => tag === next && tag !== language);
  return (
    <Section title={texts.settings.language}>
      <div className="settings-choice">
        <Choice
          name={texts.settings.language}
          value={picked}
          options={TONGUES}
          onChange={(now) => {
            setPicked(now);
            choose(now === AUTO ? null : now);
          }}
        />
      </div>
      {other ? (
        <div>
          <Button kind="lamp" lang={other.tag} onClick={() => location.reload()}>
            {other.go}
          </Button>
        </div>
      ) : null}
    </Section>
  );
}
