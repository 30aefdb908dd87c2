import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { print, printJson } from '../base/draw/terminal.ts';
import { UsageError } from '../base/errors.ts';
import { PROJECT_DIR } from '../base/roots.ts';
import { readGatesConfig } from '../gates/config.ts';
import type { RunEvent } from '../journal/events.ts';
import { configFolderOf } from '../journal/projections/rows.ts';
import { buildDigest } from '../search/digest/digest.ts';
import { estimateTokens } from '../search/digest/tokens.ts';
import { islandView } from '../search/directive/islands.ts';
import { trialCount } from '../search/memory/carry.ts';
import { eventsBefore, historyOf } from '../search/memory/history.ts';
import { configPath } from '../task/config-path.ts';
import { libraryFamilies } from '../task/trading/tools/library.ts';
import { readRun } from './run.ts';
import type { Handler } from './table/table.ts';

/** Where prompts/cycle.md puts the digest: behind it the order follows, in a paragraph without a title. */
const HEADING = '\n# The run so far\n';

/** What the session of a cycle was told: from its stored brief; with `rebuild`, or for the next cycle, built from the journal. */
export const digest: Handler<'digest'> = async ({ tag, cycle: asked, rebuild, tokens, runs, json }) => {
  const { dir, events: all } = readRun(tag, runs);
  const last = historyOf(all).cycles.at(-1)?.cycle ?? 0;
  const cycle = asked ?? last + 1;
  if (cycle > last + 1)
    throw new UsageError(`--cycle ${cycle} is not in this run: it has 1 to ${last}, and ${last + 1} comes next`, {
      remedy: 'See its cycles with: npm run ralph -- results',
    });
  const stored = rebuild ? null : storedDigest(dir, cycle);
  const text = stored ?? rebuilt(all, cycle, tokens);
  const source = stored === null ? 'journal' : 'brief';
  if (json) printJson({ cycle, source, tokens: estimateTokens(text), text });
  else print(text);
};

/** The digest as the brief of that cycle built it: from the journal before it, in the room that the brief had left. */
function rebuilt(all: readonly RunEvent[], cycle: number, tokens: number | undefined): string {
  const before = eventsBefore(all, cycle);
  const started = all.find((event) => event.type === 'cycle.started' && event.cycle === cycle);
  const known = started?.type === 'cycle.started' ? started : null;
  const first = all.find((event) => event.type === 'run.started');
  const { values } = (first?.config ?? {}) as { values?: { islands: { migrateEvery: number } } };
  const seen =
    known?.island === undefined ? before : islandView(before, known.island, values?.islands.migrateEvery ?? 1);
  const coverage = first?.coverage ?? [];
  const symbols = new Set(coverage.map(({ symbol }) => symbol)).size;
  return buildDigest(seen, {
    tokens: tokens ?? known?.digestTokens ?? 2400,
    cycle,
    trials: trialCount(before),
    families: libraryFamilies(PROJECT_DIR, symbols),
    deflation: readGatesConfig(configPath(PROJECT_DIR, configFolderOf(all, PROJECT_DIR), 'gates.yaml')).deflation,
  });
}

/** What stands in the brief under the heading of the digest; null when that cycle has no brief. */
function storedDigest(runDir: string, cycle: number): string | null {
  const path = join(runDir, 'cycles', String(cycle).padStart(4, '0'), 'brief.md');
  if (!existsSync(path)) return null;
  const brief = readFileSync(path, 'utf8');
  const at = brief.indexOf(HEADING);
  if (at < 0) return brief;
  const told = brief.slice(at + HEADING.length).trim();
  const parts = told.split('\n\n');
  return parts.slice(0, parts.findLastIndex((part) => part.startsWith('## ')) + 1).join('\n\n');
}
