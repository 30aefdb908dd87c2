import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { hasBubblewrap } from '../../../src/agent/external/sandbox.ts';
import { PACKAGE_ROOT } from '../../../src/base/roots.ts';
import type { GatesConfig } from '../../../src/gates/config.ts';
import { type PlayedProject, playExample } from '../../../src/lab/projects/play.ts';
import { contractSchema } from '../../../src/task/command/contract/contract.ts';
import { refuseOtherRules, rulesOf } from '../../../src/task/command/provenance.ts';
import { JournalBuilder } from '../../search/build.ts';

// What was kept is promoted by the rules under which it was kept, and by no others.

const skip = hasBubblewrap() ? false : 'bubblewrap (bwrap) is missing or may not make namespaces here';

/** A promotion after a file was changed; the file is put back. */
async function promotedAfter({ dir, ralph }: PlayedProject, file: string, change: (text: string) => string) {
  const path = join(dir, file);
  const before = readFileSync(path, 'utf8');
  assert.notEqual(change(before), before, `nothing changed in ${file}`);
  writeFileSync(path, change(before));
  const { exitCode, all } = await ralph('promote', '--tag', 'first');
  writeFileSync(path, before);
  return { exitCode, all };
}

test('a keep is not promoted by another score, metric or scorer than those under which it was kept; another goal is no rule', {
  skip,
}, async () => {
  await playExample('bundle', 1, undefined, async (project) => {
    const { dir } = project;
    const config = 'ralph/ralph.yaml';
    const head = () => execFileSync('git', ['rev-parse', 'ralph/first'], { cwd: dir, encoding: 'utf8' });
    const made = head();
    const scored = await promotedAfter(project, config, (text) => text.replace(/^( {2}score: ).*$/m, '$1echo fine'));
    assert.match(scored.all ?? '', /task\.score in ralph\.yaml changed since 0001-1 was kept/);
    const easier = await promotedAfter(project, config, (text) =>
      text.replace(/^( {2}repeats: ).*$/m, '$1{ least: 6, most: 6 }'),
    );
    assert.match(easier.all ?? '', /task\.repeats in ralph\.yaml changed since/);
    const [base] = readdirSync(join(dir, 'ralph/runs/first/bench')).filter((name) => /^base-\w+$/.test(name));
    const scorer = `ralph/runs/first/bench/${base}/score.mjs`;
    const other = await promotedAfter(project, scorer, (text) => `console.log('bytes=1');\nprocess.exit();\n${text}`);
    assert.match(other.all ?? '', /read-only files changed since/);
    assert.deepEqual([scored.exitCode, easier.exitCode, other.exitCode], [2, 2, 2]);
    assert.equal(head(), made, 'no branch is made');
    // The copy is made anew, with another library than it was kept with.
    rmSync(join(dir, 'ralph/runs/first/bench'), { recursive: true });
    const library = await promotedAfter(project, 'node_modules/esbuild/package.json', (text) => `${text}\n`);
    assert.match(library.all ?? '', /what "carry" brings changed since 0001-1 was kept/);
    rmSync(join(dir, 'ralph/runs/first/bench'), { recursive: true });
    const goal = await promotedAfter(project, config, (text) => text.replace(/^( {2}goal: ).*$/m, '$1smaller'));
    assert.equal(goal.exitCode, 0, goal.all);
  });
});

test('the holdout of a program is not opened under easier gates, other days or other prices', { skip }, async () => {
  const fewer = (config: string) => config.replace('cuts: 6', 'cuts: 3');
  await playExample('returns', 2, fewer, async (project) => {
    const { dir, ralph } = project;
    const gates = join(dir, 'ralph/gates.yaml');
    copyFileSync(join(PACKAGE_ROOT, 'config/gates.yaml'), gates);
    appendFileSync(gates, '\n');
    const same = await ralph('promote', '--tag', 'first');
    assert.equal(same.exitCode, 0, `the same gates in another file: ${same.all}`);
    const easier = await promotedAfter(project, 'ralph/gates.yaml', (text) =>
      text.replace(/^( {2}maxDrawdown: ).*$/m, '$10.99'),
    );
    assert.match(easier.all ?? '', /gates\.yaml changed since 0002-1 was kept/);
    rmSync(gates);
    const days = await promotedAfter(project, 'ralph/ralph.yaml', (text) => text.replace(/^( {4}cuts: ).*$/m, '$14'));
    assert.match(days.all ?? '', /task\.returns in ralph\.yaml changed since/);
    assert.deepEqual([easier.exitCode, days.exitCode], [2, 2]);
  });
});

test('in a segment that a resumed run opened, where no key is on record, the contract is named as a whole', () => {
  const metrics = { n: { from: { bytes: 'a.txt' }, better: 'lower' } };
  const contract = contractSchema.parse({ goal: 'g', editable: ['a.txt'], run: 'true', metrics, primary: 'n' });
  const bench = { readOnly: new Map<string, string>(), carried: null, heldBack: new Map() };
  const rules = { contract, bench, gates: {} as GatesConfig };
  const run = new JournalBuilder().start();
  run.add({ type: 'segment.started', segment: 2, provenance: rulesOf(rules), changed: ['contract'] });
  const trial = run.cycleStart().trial({ family: 'f' });
  refuseOtherRules(run.events, trial, rules);
  assert.throws(
    () => refuseOtherRules(run.events, trial, { ...rules, contract: { ...contract, run: 'false' } }),
    /^RalphError: the contract in ralph\.yaml changed since 0001-1 was kept/,
  );
});
