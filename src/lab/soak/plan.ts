import type { Kill } from '../failpoints/matrix.ts';
import { POINTS, RECOVERY_POINTS, SENDER_POINTS, TRACKING_POINTS } from '../failpoints/points.ts';
import { SEALING_POINTS } from '../failpoints/seal-kill.ts';

const SIGNALS: readonly Kill['signal'][] = ['SIGKILL', 'SIGTERM', 'SIGINT'];

/** What ends a run in the matrix: a signal, or the power. */
export type End = Kill['signal'] | 'POWER';

export function endOf({ signal, powerCut }: Kill): End {
  return powerCut ? 'POWER' : signal;
}

/** How many named points the matrix kills at. */
export const POINT_COUNT =
  POINTS.length + TRACKING_POINTS.length + SENDER_POINTS.length + RECOVERY_POINTS.length + SEALING_POINTS.length;

/** Every row of the matrix: one kill, or several of which the later ones fall into the recovery. */
export function plannedKills(): Kill[][] {
  const single = [...POINTS, ...TRACKING_POINTS, ...SENDER_POINTS, ...SEALING_POINTS].flatMap((point) =>
    SIGNALS.map((signal) => [{ point, hit: hitOf(point), signal }]),
  );
  const first: Kill = { point: 'loop.evaluate.after', hit: 1, signal: 'SIGKILL' };
  const double = [
    'journal.lock.before',
    'journal.lock.after',
    'journal.run.resumed.before',
    'journal.run.resumed.after',
    'loop.evaluate.before',
    'journal.trial.finished.before',
    'journal.trial.finished.after',
    'loop.verdict.before',
    'loop.commit.after',
    'loop.mirror.before',
  ].map((point): Kill[] => [first, { point, hit: 1, signal: 'SIGKILL' }]);
  const power = [...POINTS, ...TRACKING_POINTS, ...SEALING_POINTS].map((point): Kill[] => [
    { point, hit: hitOf(point), signal: 'SIGKILL', powerCut: true },
  ]);
  // A power cut in the middle of a line, and then a kill while the next start cuts it off.
  const torn = RECOVERY_POINTS.filter((point) => point.startsWith('journal.cut')).map((point): Kill[] => [
    { point: 'journal.sync.before', hit: 8, signal: 'SIGKILL', powerCut: true },
    { point, hit: 1, signal: 'SIGKILL' },
  ]);
  return [...single, ...double, ...power, ...torn];
}

/** The second cycle is the more interesting one where a point is passed in each. */
function hitOf(point: string): number {
  const once = ['lock', 'branch', 'worktree', 'run.', 'hint', 'seal', 'part'].some((word) => point.includes(word));
  return once ? 1 : 2;
}
