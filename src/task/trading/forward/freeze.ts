import { isDeepStrictEqual } from 'node:util';
import { EXIT, RalphError } from '../../../base/errors.ts';
import { isoDay } from '../../../base/numbers.ts';
import type { Frozen } from '../../../forward/entries.ts';
import type { RunEvent } from '../../../journal/events.ts';
import { provenanceAt } from '../../../journal/provenance.ts';
import type { Trial } from '../../../journal/state/parts.ts';
import { windowsAt } from '../carried.ts';

export type Freeze = ReturnType<typeof freezeOf>;

/** What the journal says of the moment in which a trial was frozen. Nothing that is edited later moves it. Times are epoch ms. */
export function freezeOf(events: readonly RunEvent[], { started, finished }: Trial) {
  const windows = windowsAt(events, started.seq);
  const train = windows.find(({ window }) => window === 'train')!;
  const ends = (name: string) => windows.filter(({ window }) => window.startsWith(name)).map(({ to }) => to);
  const { engine = '', market = '' } = provenanceAt(events, started.seq);
  return {
    /** First day of the train window, from whose bars it is played. */
    window: train.from,
    /** What it was judged on: the train window, or its out-of-fold part for a trial that was tuned. */
    train: { from: finished?.tuned?.path[0].from ?? train.from, to: train.to },
    /** First day behind the last fold. */
    folds: Math.max(train.to, ...ends('selection')),
    /** First day that no window of the run reaches. */
    from: Math.max(...windows.map(({ to }) => to)),
    /** When the trial ended. */
    kept: finished?.at ?? started.at,
    /** Engine and costs that it was judged by. */
    judged: { engine, market },
  };
}

/** Throws RalphError when the journal tells of another trial, or another freeze, than the record was opened with. */
export function sameTrial(frozen: Frozen, { trial, started }: Trial, { train, from, kept }: Freeze): void {
  const { fingerprint, files, params } = started;
  const then = { fingerprint: frozen.fingerprint, files: frozen.files, params: frozen.params, train: frozen.train };
  if (isDeepStrictEqual(then, { fingerprint, files, params, train }) && frozen.from === from && frozen.kept === kept)
    return;
  throw new RalphError(`the journal tells of another ${trial} than the forward record was opened with`, {
    expected: `the candidate ${frozen.fingerprint.slice(0, 12)}, frozen at ${isoDay(frozen.from)}`,
    remedy: 'See what was changed in the run: npm run ralph -- verify',
    exitCode: EXIT.failed,
  });
}
