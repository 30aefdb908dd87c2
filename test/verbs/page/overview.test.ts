import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../../src/lab/until.ts';
import { openLedger } from '../../../src/ledger/ledger.ts';
import { doerOf } from '../../../src/task/doer.ts';
import { overviewOf } from '../../../src/verbs/page/overview.ts';
import { spentNow, standingOf } from '../../../src/verbs/standing.ts';
import { look, noise, series, setting, trial } from '../../ledger/support.ts';
import { makeRun } from '../../page/made-run.ts';

test('the page counts what every run spent on the data, as status does, and hears of it while it is open', async (t) => {
  const { dir, inbox, journal, add } = makeRun(3);
  t.after(() => journal.close());
  const config = join(dir, 'config');
  const dataDir = join(dir, 'data');
  mkdirSync(config);
  const market = readFileSync(new URL('../../../config/market.yaml', import.meta.url), 'utf8');
  writeFileSync(join(config, 'market.yaml'), market.replace(/^dataDir: .*$/m, `dataDir: ${dataDir}`));

  const { run } = doerOf(journal.events, '');
  const data = series('BTCUSD', noise('page'));
  const windows = setting([data.series]);
  const ledger = openLedger({ dataDir });
  t.after(() => ledger.close());
  await ledger.add([data, windows, trial(run, '0001-1', windows), trial('other', '0001-1', windows)], () => undefined);

  const overview = overviewOf({ dir, inbox, config, active: () => false });
  await until('both runs are counted', () => overview(journal.events).bar.n === 2);
  await ledger.add([trial('other', '0002-1', windows), look('other', '0002-1', windows)], () => undefined);
  add(4);
  await until('the new trial of the other run is counted', () => overview(journal.events).bar.n === 3);
  const { n, looks } = standingOf(journal.events, config, await spentNow(journal.events, config));
  assert.deepEqual(overview(journal.events).bar, { n, ...looks });
  assert.equal(looks.selection.used, 1);
});
