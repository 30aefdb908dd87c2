import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT, type ExitCode, RalphError } from '../base/errors.ts';
import { print, printJson } from '../base/terminal.ts';
import { readGatesConfig } from '../gates/config.ts';
import type { RunEvent } from '../journal/events.ts';
import { readJournal } from '../journal/journal.ts';
import { buildDigest } from '../search/digest/digest.ts';
import { estimateTokens } from '../search/digest/tokens.ts';
import { islandView } from '../search/directive/islands.ts';
import { trialCount } from '../search/memory/carry.ts';
import { eventsBefore, historyOf } from '../search/memory/history.ts';
import { journalOf } from '../search/runs.ts';
import { configPath } from '../task/config-path.ts';
import { libraryFamilies } from '../task/trading/tools/library.ts';

const PROJECT = join(import.meta.dirname, '../..');

interface StartedWith {
  readonly folder: string;
  readonly values: { readonly islands: { readonly migrateEvery: number } };
}

/** Where prompts/cycle.md puts the digest: after it nothing follows. */
const HEADING = '\n# The run so far\n';

/**
 * `ralph digest [--tag T] [--cycle N] [--rebuild] [--tokens N] [--json]`: the digest that cycle N was given, from its stored brief; with
 * `--rebuild`, or for the next cycle, built from the journal.
 */
export async function run(args: string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args,
    options: {
      runs: { type: 'string', default: join(PROJECT, 'runs') },
      tag: { type: 'string' },
      cycle: { type: 'string' },
      rebuild: { type: 'boolean', default: false },
      tokens: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const path = journalOf(values.runs, values.tag);
  const all = readJournal(path);
  const last = historyOf(all).cycles.at(-1)?.cycle ?? 0;
  const cycle = values.cycle === undefined ? last + 1 : Number(values.cycle);
  if (!Number.isInteger(cycle) || cycle < 1 || cycle > last + 1) {
    throw new RalphError(`digest: cycle "${values.cycle}" is not one of 1 to ${last + 1}`, {
      remedy: 'Name a cycle of the run: npm run ralph -- status shows them.',
      exitCode: EXIT.usage,
    });
  }
  const stored = values.rebuild ? null : storedDigest(dirname(path), cycle);
  const text = stored ?? rebuilt(all, cycle, values.tokens === undefined ? null : Number(values.tokens));
  const source = stored === null ? 'journal' : 'brief';
  if (values.json) printJson({ cycle, source, tokens: estimateTokens(text), text });
  else print(text);
  return EXIT.done;
}

/** The digest as the brief of that cycle built it: from the journal before it, in the room that the brief had left. */
function rebuilt(all: readonly RunEvent[], cycle: number, tokens: number | null): string {
  const before = eventsBefore(all, cycle);
  const started = all.find((event) => event.type === 'cycle.started' && event.cycle === cycle);
  const known = started?.type === 'cycle.started' ? started : null;
  const first = all.find((event) => event.type === 'run.started');
  const { folder = 'config', values } = (first?.config ?? {}) as Partial<StartedWith>;
  const seen =
    known?.island === undefined ? before : islandView(before, known.island, values?.islands.migrateEvery ?? 1);
  return buildDigest(seen, {
    tokens: tokens ?? known?.digestTokens ?? 2400,
    cycle,
    trials: trialCount(before),
    families: libraryFamilies(PROJECT),
    deflation: readGatesConfig(configPath(PROJECT, join(PROJECT, folder), 'gates.yaml')).deflation,
  });
}

/** What stands in the brief under the heading of the digest; null when that cycle has no brief. */
function storedDigest(runDir: string, cycle: number): string | null {
  const path = join(runDir, 'cycles', String(cycle).padStart(4, '0'), 'brief.md');
  if (!existsSync(path)) return null;
  const brief = readFileSync(path, 'utf8');
  const at = brief.indexOf(HEADING);
  return at < 0 ? brief : brief.slice(at + HEADING.length).trim();
}
