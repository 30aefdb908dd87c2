import { parseArgs } from 'node:util';
import { EXIT, type ExitCode } from '../src/base/errors.ts';
import { print, printJson } from '../src/base/terminal.ts';
import { endure } from './soak/endure.ts';
import { runMatrix } from './soak/matrix.ts';

/**
 * `soak [--cycles 2000] [--faults 0.2] [--kill-every SECONDS] [--seed 1] [--minutes 600] [--json]`: a long run under faults, kills and pauses.
 * `soak --matrix [--signal SIGKILL|SIGTERM|SIGINT|POWER]`: a kill at every point of the loop instead.
 */
export async function run(args: string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args,
    options: {
      cycles: { type: 'string', default: '2000' },
      faults: { type: 'string', default: '0.2' },
      'kill-every': { type: 'string', default: '45' },
      seed: { type: 'string', default: '1' },
      minutes: { type: 'string', default: '600' },
      matrix: { type: 'boolean' },
      signal: { type: 'string', multiple: true },
      json: { type: 'boolean' },
    },
  });
  if (values.matrix) return (await runMatrix(values.signal ?? null)).length === 0 ? EXIT.done : EXIT.failed;
  const report = await endure({
    cycles: Number(values.cycles),
    faults: Number(values.faults),
    killEvery: Number(values['kill-every']),
    seed: Number(values.seed),
    minutes: Number(values.minutes),
  });
  if (values.json) printJson(report);
  else {
    const { overheadMs: ms, memory, senderMemory } = report;
    print(
      `${report.cycles} cycles, ${report.trials} trials in ${report.seconds.toFixed(0)} s: ${report.starts} starts, ${report.kills} kills, ${report.pauses} pauses`,
    );
    print(
      `lost ${report.lost}, doubled ${report.doubled}, verify ${report.verified ? 'ok' : `FAILED ${JSON.stringify(report.problems)}`}`,
    );
    print(
      `overhead a cycle: median ${ms.median.toFixed(0)} ms (first quarter ${ms.first.toFixed(0)}, last ${ms.last.toFixed(0)})`,
    );
    print(
      `harness memory: ${memory.slopeKb.toFixed(1)} kB a cycle over ${memory.lives} lives, ${memory.peakMb.toFixed(0)} MB at most; disk ${report.diskKbPerCycle.toFixed(1)} kB a cycle`,
    );
    print(
      `sender memory: ${senderMemory.slopeKb.toFixed(1)} kB a cycle over ${senderMemory.lives} lives, ${senderMemory.peakMb.toFixed(0)} MB at most`,
    );
    print(
      `faults ${JSON.stringify(report.faults)}; tracker backlog ${report.trackerBacklog}, after a sync ${report.trackerDifferences.length === 0 ? 'the server says what the journal says' : report.trackerDifferences.join('; ')}`,
    );
  }
  return report.verified && report.lost + report.doubled === 0 ? EXIT.done : EXIT.failed;
}

if (import.meta.main) process.exitCode = await run(process.argv.slice(2));
