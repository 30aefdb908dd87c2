import { join } from 'node:path';
import { print, printJson, table } from '../../base/draw/terminal.ts';
import { EXIT, type ExitCode } from '../../base/errors.ts';
import { PACKAGE_ROOT } from '../../base/roots.ts';
import { readGatesConfig } from '../../gates/config.ts';
import { flag, whole } from '../../verbs/table/options.ts';
import type { Values, Verb } from '../../verbs/table/verb.ts';
import { measureDigest } from './digest-bench.ts';

export const DIGEST_BENCH = {
  does: 'digest size and build time at 10, 100, 1,000 and 10,000 cycles',
  options: {
    tokens: whole('size of the digest', { least: 1, default: 2400 }),
    json: flag('one JSON value on stdout'),
  },
} as const satisfies Verb;

export async function digestBench({ tokens, json }: Values<typeof DIGEST_BENCH.options>): Promise<ExitCode> {
  const { deflation } = readGatesConfig(join(PACKAGE_ROOT, 'config/gates.yaml'));
  // The first one warms up the compiler; its figures are not used.
  measureDigest(100, tokens, deflation);
  const figures = [10, 100, 1000, 10_000].map((cycles) => measureDigest(cycles, tokens, deflation));
  if (json) printJson(figures);
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
