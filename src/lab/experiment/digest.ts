import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT, type ExitCode } from '../../base/errors.ts';
import { PACKAGE_ROOT } from '../../base/roots.ts';
import { print, printJson, table } from '../../base/terminal.ts';
import { readGatesConfig } from '../../gates/config.ts';
import { measureDigest } from './digest-bench.ts';

/** `npx node scripts/digest-bench.ts [--json]`: digest size and build time at 10, 100, 1,000 and 10,000 cycles. */
export async function run(args: string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args,
    options: { json: { type: 'boolean', default: false }, tokens: { type: 'string', default: '2400' } },
  });
  const { deflation } = readGatesConfig(join(PACKAGE_ROOT, 'config/gates.yaml'));
  // The first one pays for the compiler and is thrown away.
  measureDigest(100, Number(values.tokens), deflation);
  const figures = [10, 100, 1000, 10_000].map((cycles) => measureDigest(cycles, Number(values.tokens), deflation));
  if (values.json) printJson(figures);
  else {
    const rows = figures.map((one) => [
      one.cycles,
      one.events,
      one.characters,
      one.tokens,
      one.coldMs.toFixed(1),
      one.nextMs.toFixed(2),
      one.decideMs.toFixed(2),
    ]);
    print(
      table(['cycles', 'events', 'characters', 'tokens', 'first build, ms', 'next cycle, ms', 'directive, ms'], rows),
    );
  }
  return EXIT.done;
}
