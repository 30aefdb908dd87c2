import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { EventOf, EventType } from '../../../src/journal/events.ts';
import { verifyRun } from '../../../src/journal/verify/verify.ts';
import { configWith, makeProject, type Project } from '../../../src/lab/project.ts';
import { startModelServer } from '../../../src/lab/server/serve.ts';
import { until } from '../../../src/lab/until.ts';
import { PLAIN, strategySource, writer } from '../../loop/brains.ts';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const skip = existsSync(CHROMIUM) ? false : `no browser at ${CHROMIUM} (apt-get install chromium)`;

/** Gates that keep whatever trades. */
const keepAll = (gates: string) =>
  gates
    .replace(/^off: .*$/m, 'off: [stress, neighbours, subperiods, deflation, pbo, "null", selection]')
    .replace(/^ {2}minSharpe: 0.5$/m, '  minSharpe: -9')
    .replace(/^ {2}minProfitFactor: .*$/m, '  minProfitFactor: 0.1');

let project: Project;
let browser: Browser;
before(async () => {
  if (skip) return;
  project = await makeProject({ databaseStays: true });
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
});
after(async () => {
  await browser?.close();
  await project?.remove();
});

function ofType<T extends EventType>(type: T): EventOf<T>[] {
  return project.events('one').flatMap((event) => (event.type === type ? [event as EventOf<T>] : []));
}

async function open(tab: Page, typed: string): Promise<void> {
  await tab.getByRole('button', { name: 'Open the holdout …' }).click();
  await tab.getByText(/spends 1 of the 3 openings that are left, for good/).waitFor();
  await tab.getByRole('button', { name: 'Go on' }).click();
  await tab.getByLabel('Type 0001-1 to open the holdout').fill(typed);
  await tab.getByRole('button', { name: 'Open it' }).click();
}

test('a real keep is promoted from the page: asked twice, refused under another name, opened once, its answer shown and journaled', {
  skip,
}, async (t) => {
  const server = await startModelServer({ brain: writer([strategySource(PLAIN)]), seed: 1, faults: { rate: 0 } });
  const config = configWith(project, 'keep', 'gates.yaml', keepAll);
  const run = await project.ralph(['run', '--tag', 'one', '--cycles', '1', ...config], {
    RALPH_BASE_URL: server.baseUrl,
  });
  await server.close();
  assert.equal(run.exitCode, 0, String(run.all));
  assert.equal(ofType('trial.finished')[0].outcome, 'keep');

  const page = project.ralph(['page', '--tag', 'one']);
  t.after(() => page.kill('SIGKILL'));
  let said = '';
  page.all.on('data', (chunk) => (said += chunk));
  await until('the address is printed', () => /http:\S+/.test(said));
  const tab = await browser.newPage({ viewport: { width: 390, height: 900 } });
  await tab.goto(`${/http:\S+/.exec(said)![0]}#0001-1`);

  await open(tab, '0001-2');
  await tab.getByText(/the name of the trial was not confirmed/).waitFor();
  assert.deepEqual(ofType('holdout.opened'), []);

  await open(tab, '0001-1');
  const badge = tab.locator('article .badge', { hasText: 'holdout ' });
  await badge.waitFor({ timeout: 120_000 });
  const [answered, ...more] = ofType('holdout.answered');
  assert.deepEqual([ofType('holdout.opened').length, more.length, answered.trial], [1, 0, '0001-1']);
  assert.equal(await badge.innerText(), `holdout ${answered.answer}`);
  assert.match(await tab.locator('article').innerText(), new RegExp(`Sharpe ${answered.sharpe!.toFixed(2)}`));
  assert.equal(await tab.getByRole('button', { name: 'Open the holdout …' }).count(), 0, 'it can be opened once');
  if (process.env.RALPH_SCREENSHOT) await tab.screenshot({ path: process.env.RALPH_SCREENSHOT, fullPage: true });
  await tab.getByRole('link', { name: '← All trials' }).click();
  await tab.locator('ul.keeps', { hasText: `holdout ${answered.answer}` }).waitFor();

  // Whoever sends the request again spends nothing.
  const { origin, href } = new URL(/http:\S+/.exec(said)![0]);
  const again = await fetch(`${href}act/promote`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ trial: '0001-1', confirm: '0001-1' }),
  });
  assert.deepEqual([again.status, ofType('holdout.opened').length], [409, 1], await again.text());
  assert.deepEqual((await verifyRun(join(project.dir, 'runs', 'one'))).problems, []);
});
