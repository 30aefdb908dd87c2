import { writeFileSync } from 'node:fs';
import { printJson } from '../../base/draw/terminal.ts';
import { EXIT, type ExitCode } from '../../base/errors.ts';
import { amount, choice, flag, fraction, several, text, whole } from '../../verbs/table/options.ts';
import type { Values, Verb } from '../../verbs/table/verb.ts';
import { curveOf } from './curve.ts';
import { endure } from './endure.ts';
import { runMatrix } from './matrix.ts';
import { isClean, printReport } from './report.ts';
import { GROUPS, type Group } from './world/disturb.ts';

/** What `soak` takes: a long run in a world that fails it in every way, or with `matrix` a kill at every point of the loop. */
export const SOAK = {
  does: 'a long run in a world that fails it in every way; with --matrix a kill at every point of the loop instead',
  options: {
    cycles: whole('cycles to run', { default: 2000 }),
    task: choice('what the run searches', ['trading', 'light'], { default: 'trading' }),
    bars: text('real 1-minute bars of BTCUSD as Bitfinex writes them, in place of the simulated market', 'FILE'),
    faults: fraction('share of the answers that the server spoils', { default: 0.2 }),
    answerSeconds: amount('seconds the model takes for an answer; under 4', { default: 0 }),
    killEvery: amount('seconds between two kills', { default: 120 }),
    disturbEvery: amount('seconds between two disturbances', { default: 20 }),
    disturb: several(
      choice('what is done to the run; several for several (processes, world and clock)', [...GROUPS, 'all']),
    ),
    seed: whole('seed of the disturbances', { default: 1 }),
    minutes: amount('longest time, all stretches together', { default: 600 }),
    hours: amount('longest time in hours, in place of minutes'),
    dir: text(
      'folder where its project lives and stays: after a kill of everything the same line goes on there',
      'DIR',
    ),
    curve: text('where the curve of memory, open files and overhead is drawn, as SVG', 'FILE'),
    matrix: flag('a kill at every point of the loop'),
    signal: several(text('what kills: SIGKILL, SIGTERM, SIGINT, POWER', 'SIGNAL')),
    point: text('only the points whose name contains this', 'PART'),
    jobs: whole('kills at once', { least: 1, default: 2 }),
    table: text('where each kill is noted', 'FILE'),
    missing: flag('go on with a table that was interrupted'),
    json: flag('one JSON value on stdout'),
  },
} as const satisfies Verb;

export async function soak(options: Values<typeof SOAK.options>): Promise<ExitCode> {
  if (options.matrix) {
    const { signal, point = '', jobs, table = null, missing } = options;
    const signals = signal.length > 0 ? [...signal] : null;
    const broken = await runMatrix({ signals, point, jobs, table, missing });
    return broken.length === 0 ? EXIT.done : EXIT.failed;
  }
  const { task, bars, cycles, faults, answerSeconds, killEvery, disturbEvery, seed, hours, dir, curve, json } = options;
  const minutes = hours === undefined ? options.minutes : 60 * hours;
  const report = await endure({
    task,
    bars,
    cycles,
    faults,
    answerSeconds,
    killEvery,
    disturbEvery,
    disturb: chosen(options.disturb),
    seed,
    minutes,
    dir,
  });
  if (curve !== undefined) writeFileSync(curve, curveOf(report.curve));
  if (json) printJson({ ...report, curve: undefined });
  else printReport(report);
  return isClean(report) ? EXIT.done : EXIT.failed;
}

function chosen(named: readonly (Group | 'all')[]): readonly Group[] {
  if (named.includes('all')) return GROUPS;
  return named.length === 0 ? ['processes', 'world', 'clock'] : GROUPS.filter((group) => named.includes(group));
}
