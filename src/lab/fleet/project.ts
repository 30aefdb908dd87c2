import { appendFileSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import { DAY, MINUTE } from '../../market/bars.ts';
import { openDatabase } from '../../market/database.ts';
import { simulateMarket } from '../../market/simulate.ts';
import { storeBars } from '../../market/store/store-bars.ts';
import { type Canonical, canonicalOf, differing } from '../playback/canonical.ts';
import { configWith, MARKET_START, makeProject, type Project, takeCanariesAsSent } from '../project.ts';
import { strategySource } from '../scripted/writer.ts';

/** Follows the last days of that market, and is kept by its gates up to held-back data. */
export const FOLLOWING = strategySource(
  "const before = now.ago('close', p.slow); if (now.close > before) now.target(1); else if (now.close < before) now.target(-1); void p.fast;",
);

/**
 * A project whose bars are in databases of a server: a market in which following the last day pays, so that a candidate gets as far as its
 * null and held-back data. config/alone evaluates by itself, config/fleet by workers and islands. The canaries are taken as sent: other tests send them.
 */
export async function makeServerProject(urls: readonly string[], surrogates = 200): Promise<Project> {
  const project = await makeProject({ market: false });
  const edges = [{ kind: 'momentum' as const, annualSharpe: 14 }];
  const { bars } = simulateMarket({ seed: 5, start: MARKET_START, minutes: (260 * DAY) / MINUTE, edges });
  for (const url of urls) {
    const database = await openDatabase({ dataDir: join(project.dir, '.data'), url });
    await storeBars(database, 'SIMUSD', bars, 'test', { aggregates: false });
    await database.close();
  }
  // The planted edge takes more risk within the day than a real one may.
  configWith(project, 'alone', 'gates.yaml', (text) =>
    text
      .replace(/^ {2}maxHiddenRisk: .*$/m, '  maxHiddenRisk: 9')
      .replace(/^ {2}(count|most): 200$/gm, `  $1: ${surrogates}`),
  );
  const config = join(project.dir, 'config/alone');
  cpSync(config, join(project.dir, 'config/fleet'), { recursive: true });
  appendFileSync(
    join(project.dir, 'config/fleet/ralph.yaml'),
    '\nfleet: { evaluations: workers, sessions: islands }\n',
  );
  takeCanariesAsSent(project, 'config/alone');
  return project;
}

/** All that a run decided, was told and found, but for its name and its place in the ledger of its database. */
function storyOf(project: Project, tag: string): Canonical[] {
  return project.events(tag).flatMap((event) => {
    const story = canonicalOf(event);
    return story === null ? [] : [{ ...story, tag: undefined, ledger: undefined }];
  });
}

/** Where the run `fleet` differs from the run `alone`: names of fields, event by event; empty when they found the same. */
export function differences(project: Project): string[] {
  const [alone, fleet] = [storyOf(project, 'alone'), storyOf(project, 'fleet')];
  if (alone.length !== fleet.length) return [`${fleet.length} events, expected ${alone.length}`];
  return fleet.flatMap((event, k) => differing(event, alone[k]));
}
