/** Taking one's own data home. */

import { texts } from '../../texts/texts';
import { EXPORT } from '../../wire/http';
import { Section } from './section';

export function Things() {
  return (
    <Section title={texts.settings.things} what={texts.settings.thingsWhat}>
      <div>
        {/* A link, not a request: the browser writes it to the disk while it comes. */}
        <a className="button" href={EXPORT} download>
          {texts.settings.download}
        </a>
      </div>
    </Section>
  );
}
