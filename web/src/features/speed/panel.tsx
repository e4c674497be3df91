/** The connection in figures: what is measured, and from where to where. */

import './panel.css';

import { useEffect, useState } from 'react';
import { useConnection, useSpeed } from '../../store/hooks';
import { number } from '../../texts/numbers';
import { texts } from '../../texts/texts';
import { Dialog } from '../../ui/dialog';
import { quantile, type Report } from '../../wire/speed';

const TICK_MS = 1_000;
const PARTS = [0.5, 0.95, 0.99];

export function Panel({ close }: { close: () => void }) {
  const { state } = useConnection();
  const report = useReport();
  const t = texts.speed;
  const names = { live: texts.wire.live, connecting: texts.wire.connecting, off: texts.wire.off };
  return (
    <Dialog title={t.title} onClose={close}>
      <dl className="speed">
        <Figure name={t.connection} value={names[state]} />
        <Figure name={t.heartbeat} value={ageOf(report.heartbeatAge)} />
        <Figure name={t.cursor} value={ageOf(report.cursorAge)} />
        <Figure name={t.resumes} value={number(report.resumes)} />
        <Figure name={t.gaps} value={number(report.gaps)} />
        {PARTS.map((part) => (
          <Figure key={part} name={t.delivery(part * 100)} value={delayOf(report, part)} />
        ))}
      </dl>
      <p className="faint">
        {report.ahead === null ? t.noClock : t.measured(report.delays.length)} {t.honest}
      </p>
    </Dialog>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="num">{value}</dd>
    </div>
  );
}

function useReport(): Report {
  const speed = useSpeed();
  const [report, setReport] = useState(() => speed.report(Date.now()));
  useEffect(() => {
    const timer = setInterval(() => setReport(speed.report(Date.now())), TICK_MS);
    return () => clearInterval(timer);
  }, [speed]);
  return report;
}

function ageOf(ms: number | null): string {
  return ms === null ? texts.speed.none : texts.speed.ago(Math.max(0, Math.round(ms / 1000)));
}

function delayOf({ delays }: Report, part: number): string {
  const delay = quantile(delays, part);
  return delay === null ? texts.speed.none : texts.speed.ms(Math.round(delay));
}
