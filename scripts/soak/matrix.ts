import { startModelServer } from '../../src/agent/server/serve.ts';
import { print, progress } from '../../src/base/terminal.ts';
import { type Kill, killAndCheck, killSenderAndCheck, type Row } from '../../test/loop/failpoints/matrix.ts';
import { POINTS, RECOVERY_POINTS, SENDER_POINTS, TRACKING_POINTS } from '../../test/loop/failpoints/points.ts';
import { makeLightProject, measurer } from '../../test/loop/failpoints/project.ts';
import { startWandbServer } from '../../test/tracking/wandbServer.ts';

const SIGNALS: readonly Kill['signal'][] = ['SIGKILL', 'SIGTERM', 'SIGINT'];
const KEY = 'k'.repeat(40);

/**
 * Kills at every point with every signal, by power cuts, and twice (the second time during recovery); returns the rows that were not
 * clean. `signals` chooses some of SIGKILL, SIGTERM, SIGINT, POWER.
 */
export async function runMatrix(signals: readonly string[] | null): Promise<Row[]> {
  const project = await makeLightProject();
  const model = await startModelServer({ brain: measurer(), seed: 1, faults: { rate: 0 } });
  const wandb = await startWandbServer({ key: KEY });
  const show = progress();
  const rows: Row[] = [];
  try {
    const plans = planned().filter(
      (kills) => !signals || kills.some((kill) => signals.includes(kill.powerCut ? 'POWER' : kill.signal)),
    );
    for (const [number, kills] of plans.entries()) {
      show(`${number + 1} of ${plans.length}: ${kills[0].point} ${kills[0].signal}`);
      const check = SENDER_POINTS.includes(kills[0].point)
        ? killSenderAndCheck(project, `m-${number}`, kills[0], model.baseUrl, { server: wandb, key: KEY })
        : killAndCheck(project, `m-${number}`, kills, model.baseUrl, { server: wandb, key: KEY });
      const row = await check;
      rows.push(row);
      print(
        `${row.problems.length === 0 ? 'clean' : 'BROKEN'}  ${row.kills.padEnd(60)} ${row.ended}${row.problems.map((problem) => `\n        ${problem}`).join('')}`,
      );
    }
    show();
    const broken = rows.filter(({ problems }) => problems.length > 0);
    print(
      `${rows.length} rows at ${POINTS.length + TRACKING_POINTS.length + SENDER_POINTS.length + RECOVERY_POINTS.length} points: ${rows.length - broken.length} clean, ${broken.length} broken`,
    );
    return broken;
  } finally {
    await model.close();
    await wandb.close();
    project.remove();
  }
}

function planned(): Kill[][] {
  const single = [...POINTS, ...TRACKING_POINTS, ...SENDER_POINTS].flatMap((point) =>
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
  const power = POINTS.map((point): Kill[] => [{ point, hit: hitOf(point), signal: 'SIGKILL', powerCut: true }]);
  // A power cut in the middle of a line, and then a kill while the next start cuts it off.
  const torn = RECOVERY_POINTS.filter((point) => point.startsWith('journal.cut')).map((point): Kill[] => [
    { point: 'journal.sync.before', hit: 8, signal: 'SIGKILL', powerCut: true },
    { point, hit: 1, signal: 'SIGKILL' },
  ]);
  return [...single, ...double, ...power, ...torn];
}

/** The second cycle is the more interesting one where a point is passed in each. */
function hitOf(point: string): number {
  const perRun = ['lock', 'branch', 'worktree', 'run.', 'hint'].some((word) => point.includes(word));
  return perRun ? 1 : 2;
}
