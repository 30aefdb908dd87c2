import { appendFileSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import { DAY, MINUTE } from '../../market/bars.ts';
import { openDatabase } from '../../market/database.ts';
import { simulateMarket } from '../../market/simulate.ts';
import { storeBars } from '../../market/store/store-bars.ts';
import { configWith, MARKET_START, makeProject, type Project, takeCanariesAsSent } from '../project.ts';

/**
 * A project whose bars are in databases of a server: a market in which following the last day pays, so that a candidate gets as far as its
 * null and held-back data. config/alone evaluates by itself, config/fleet by workers and islands. The canaries are taken as sent: other tests send them.
 */
export async function makeServerProject(urls: readonly string[]): Promise<Project> {
  const project = await makeProject({ market: false });
  const edges = [{ kind: 'momentum' as const, annualSharpe: 14 }];
  const { bars } = simulateMarket({ seed: 5, start: MARKET_START, minutes: (260 * DAY) / MINUTE, edges });
  for (const url of urls) {
    const database = await openDatabase({ dataDir: join(project.dir, '.data'), url });
    await storeBars(database, 'SIMUSD', bars, 'test', { aggregates: false });
    await database.close();
  }
  // The planted edge takes more risk within the day than a real one may.
  configWith(project, 'alone', 'gates.yaml', (text) => text.replace(/^ {2}maxHiddenRisk: .*$/m, '  maxHiddenRisk: 9'));
  const config = join(project.dir, 'config/alone');
  cpSync(config, join(project.dir, 'config/fleet'), { recursive: true });
  appendFileSync(
    join(project.dir, 'config/fleet/ralph.yaml'),
    '\nfleet: { evaluations: workers, sessions: islands }\n',
  );
  takeCanariesAsSent(project, 'config/alone');
  return project;
}
