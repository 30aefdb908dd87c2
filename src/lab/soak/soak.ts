import { parseArgs } from 'node:util';
import { EXIT, type ExitCode, RalphError } from '../../base/errors.ts';
import { printJson } from '../../base/terminal.ts';
import { endure } from './endure.ts';
import { runMatrix } from './matrix.ts';
import { isClean, printReport } from './report.ts';

/**
 * `soak [--cycles 2000] [--task trading|light] [--faults 0.2] [--kill-every SECONDS] [--disturb-every SECONDS] [--seed 1] [--minutes 600] [--json]`:
 * a long run in a world that fails it in every way.
 * `soak --matrix [--signal SIGKILL|SIGTERM|SIGINT|POWER] [--point PART] [--jobs 2] [--table FILE [--missing]]`: a kill at every point of the loop
 * instead; `--missing` goes on with a table that was interrupted.
 */
export async function run(args: string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args,
    options: {
      task: { type: 'string', default: 'trading' },
      cycles: { type: 'string', default: '2000' },
      faults: { type: 'string', default: '0.2' },
      'kill-every': { type: 'string', default: '120' },
      'disturb-every': { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      minutes: { type: 'string', default: '600' },
      matrix: { type: 'boolean' },
      signal: { type: 'string', multiple: true },
      point: { type: 'string', default: '' },
      jobs: { type: 'string', default: '2' },
      table: { type: 'string' },
      missing: { type: 'boolean', default: false },
      json: { type: 'boolean' },
    },
  });
  if (values.matrix) {
    const { signal = null, point, jobs, table = null, missing } = values;
    const broken = await runMatrix({ signals: signal, point, jobs: Number(jobs), table, missing });
    return broken.length === 0 ? EXIT.done : EXIT.failed;
  }
  if (values.task !== 'trading' && values.task !== 'light')
    throw new RalphError(`--task is trading or light, got "${values.task}"`, {
      remedy: 'Leave it out for trading.',
      exitCode: EXIT.usage,
    });
  const report = await endure({
    task: values.task,
    cycles: Number(values.cycles),
    faults: Number(values.faults),
    killEvery: Number(values['kill-every']),
    disturbEvery: Number(values['disturb-every']),
    seed: Number(values.seed),
    minutes: Number(values.minutes),
  });
  if (values.json) printJson(report);
  else printReport(report);
  return isClean(report) ? EXIT.done : EXIT.failed;
}
