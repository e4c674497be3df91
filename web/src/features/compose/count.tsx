/** How much room is left; shown in the last fifth only. */

import { texts } from '../../texts/texts';

interface Props {
  id: string;
  left: number;
  limit: number;
}

export function Count({ id, left, limit }: Props) {
  const shown = left <= limit / 5;
  if (!shown) return <span className="count" id={id} />;
  const used = Math.min(100, Math.round(((limit - left) / limit) * 100));
  return (
    <span className="count" id={id} data-over={left < 0 || undefined}>
      <span className="meter" aria-hidden="true">
        <i style={{ inlineSize: `${used}%` }} />
      </span>
      <span>{left < 0 ? texts.compose.tooMany(-left) : texts.compose.left(left)}</span>
      <Said left={left} />
    </span>
  );
}

const SAID_AT = 20;

/** To ears only at round numbers and beyond the limit: not at each key. */
function Said({ left }: { left: number }) {
  const step = left < 0 ? texts.compose.tooMany(-left) : texts.compose.left(left);
  const isDue = left < 0 ? left === -1 : left % SAID_AT === 0;
  return (
    <span className="said" role="status">
      {isDue ? step : ''}
    </span>
  );
}
