import { appendFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
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
 * null and held-back data. config/alone evaluates by itself, config/fleet by workers and islands; config/alone-two and config/fleet-two have two
 * sessions at once. The canaries are taken as sent: other tests send them.
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
  for (const name of ['alone', 'fleet']) {
    const two = join(project.dir, 'config', `${name}-two`);
    cpSync(join(project.dir, 'config', name), two, { recursive: true });
    const path = join(two, 'ralph.yaml');
    writeFileSync(path, readFileSync(path, 'utf8').replace(/^( *)count: 1\b/m, '$1count: 2'));
  }
  takeCanariesAsSent(project, 'config/alone');
  return project;
}

const HOUR_MS = 3_600_000;

/** The environment of a process of a project whose clock is an hour fast. */
export function hourFast(dir: string): Record<string, string> {
  const clock = join(dir, '.data/clock');
  writeFileSync(clock, String(HOUR_MS));
  return { NODE_OPTIONS: `--import=${join(dir, 'src/lab/soak/world/clock.mjs')}`, RALPH_SOAK_CLOCK: clock };
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

/** Stages whose gates ask nothing of the trials before: the others compare with their number or with what they were. */
const OF_THE_TRIAL_ALONE: ReadonlySet<string> = new Set([
  'static',
  'causality',
  'smoke',
  'train',
  'stress',
  'neighbours',
]);

/** What was found of each candidate, by the hash of its files: all of it that does not depend on the order of the trials. */
export function trialsOf(project: Project, tag: string): Map<string, object> {
  const events = project.events(tag);
  const finished = new Map(events.flatMap((event) => (event.type === 'trial.finished' ? [[event.trial, event]] : [])));
  return new Map(
    events.flatMap((event) => {
      if (event.type !== 'trial.started') return [];
      const end = finished.get(event.trial);
      const gates = end?.gates.filter(({ stage }) => OF_THE_TRIAL_ALONE.has(stage)) ?? null;
      const { fingerprint, files, params } = event;
      return [[fingerprint, { files, params, gates, equity: end?.equityFingerprint, returns: end?.returnsSha256 }]];
    }),
  );
}
