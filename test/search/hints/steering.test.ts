import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openObjects } from '../../../src/journal/objects.ts';
import { buildDigest } from '../../../src/search/digest/digest.ts';
import { islandPlan, islandView, nextIsland } from '../../../src/search/directive/islands.ts';
import { drawSampling } from '../../../src/search/directive/perturb.ts';
import { diffLines, programChange, programText } from '../../../src/search/directive/program.ts';
import { writeProposal } from '../../../src/search/directive/proposals.ts';
import { askHuman } from '../../../src/search/hints/ask.ts';
import { carryOver, sameData, trialCount } from '../../../src/search/memory/carry.ts';
import { hintEffects } from '../../../src/search/report/report-tables.ts';
import { gate, JournalBuilder } from '../build.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'steering-'));

test('an edit of program.md is journaled once, with its diff; its text comes from the journal, also where it was lost', () => {
  const dir = folder();
  const objects = openObjects(dir);
  const run = new JournalBuilder().start();
  const look = (text: string) => {
    const event = programChange(run.events, text, 1, objects);
    if (event) run.add(event);
    return event;
  };
  assert.equal((look('a\nb\nc') as { diff: string }).diff, '');
  assert.equal(look('a\nb\nc'), null);
  assert.equal((look('a\nB\nc\nd') as { diff: string }).diff, '-b\n+B\n+d');
  assert.equal(diffLines('x\ny', 'x\ny'), '');
  rmSync(join(dir, 'objects'), { recursive: true });
  assert.throws(() => programText(run.events, objects), /object .* is missing/);
  assert.equal(look('a\nB\nc\nd'), null);
  assert.equal(programText(run.events, objects), 'a\nB\nc\nd');
});

test('the effect of a hint is counted against the rest of the run', () => {
  const run = new JournalBuilder().start();
  run.add({
    type: 'hint.taken',
    hint: 'h1',
    text: 't',
    sha256: '',
    cycle: 3,
    priority: 5,
    expiresAt: null,
    scope: 'run',
  });
  for (let i = 0; i < 4; i++) run.cycle({ family: 'a', gates: [gate('train', 'train.sharpe', 0.5, 1)] });
  run.cycle({ family: 'a', outcome: 'keep', hints: ['h1'] });
  run.cycle({ family: 'a', hints: ['h1'], gates: [gate('train', 'train.sharpe', 0.75, 1)] });
  run.add({ type: 'hint.answered', hint: 'h1', cycle: 5, accepted: true, why: 'fits' });
  const [{ under, rest, answers }] = hintEffects(run.events);
  assert.deepEqual({ ...under, gap: under.gap?.toFixed(3) }, { cycles: 2, trials: 2, keeps: 1, gap: '0.125' });
  assert.deepEqual(rest, { cycles: 4, trials: 4, keeps: 0, gap: 0.5 });
  assert.equal(answers[0].accepted, true);
});

test('a new run takes lessons and ideas, never who passed selection, and counts trials only on the same data', () => {
  const old = new JournalBuilder().start();
  const kept = old.cycle({ family: 'trend', candidate: 'kept', outcome: 'keep', score: 1.2 });
  const higher = old.cycle({
    family: 'trend',
    candidate: 'failed-selection',
    score: 1.6,
    gates: [gate('selection', 'selection.sharpe', 0.1, 1)],
  });
  old.lesson('trend needs wide stops', [kept]);
  old.lesson('trend dies on the selection window', [higher]);
  // A keep has passed selection: saying so is telling.
  old.lesson('this crossing of averages passes every gate', [kept]);
  old.lesson('slow candidates with two parameters were kept', [kept]);
  const event = carryOver(old.events, sameData(old.events, old.events));
  assert.ok(event.type === 'run.carried');
  assert.deepEqual(
    event.ideas.map(({ candidate }) => candidate),
    ['failed-selection'],
  );
  assert.deepEqual(
    event.lessons.map(({ text }) => text),
    ['trend needs wide stops'],
  );
  assert.doesNotMatch(JSON.stringify(event), /keep|outcome/);
  const fresh = new JournalBuilder().start().add({ ...event, trials: 2 });
  fresh.cycle({ family: 'trend' });
  assert.equal(trialCount(fresh.events), 3);
  const digest = buildDigest(fresh.events, { tokens: 2000, cycle: 2 });
  assert.match(digest, /\(from test\) trend needs wide stops/);
  assert.match(digest, /failed-selection \(trend\) 1\.6/);
  const other = new JournalBuilder().add({
    type: 'run.started',
    schema: 1,
    tag: 'o',
    task: 't',
    seed: 1,
    provenance: { data: 'y' },
    config: {},
  });
  assert.equal(sameData(old.events, other.events), false);
});

test('draws repeat for the same run and cycle, differ between cycles, and heat up on a plateau', () => {
  const calm = { step: 'none', cycles: 0, heat: 0, ask: false } as const;
  const input = { runSeed: 1, cycle: 5, kind: 'new', temperature: 0.7, escalation: calm, nudges: 10 } as const;
  assert.deepEqual(drawSampling(input), drawSampling(input));
  assert.notEqual(drawSampling(input).seed, drawSampling({ ...input, cycle: 6 }).seed);
  const hot = { step: 'vary', cycles: 4, heat: 0.3, ask: false } as const;
  assert.ok(drawSampling({ ...input, escalation: hot }).temperature > drawSampling(input).temperature + 0.2);
  assert.notEqual(drawSampling({ ...input, escalation: hot }).nudge, null);
  assert.equal(drawSampling({ ...input, kind: 'patch', escalation: hot }).nudge, null);
});

test('islands share families out, take turns, and see each other only after a migration', () => {
  const families = ['a', 'b', 'c', 'd', 'e'];
  const plans = [0, 1].map((island) => islandPlan(island, 2, families, 9));
  assert.deepEqual(plans.flatMap((plan) => plan.families).sort(), families);
  assert.ok(plans[0].heat < plans[1].heat);
  const run = new JournalBuilder().start();
  for (let i = 0; i < 5; i++) {
    run.cycle({ family: i % 2 ? 'odd' : 'even' });
    const started = run.events.findLast((event) => event.type === 'cycle.started')!;
    Object.assign(started, { island: i % 2 });
  }
  const families1 = new Set(
    islandView(run.events, 1, 4).flatMap((event) =>
      event.type === 'trial.started' && event.cycle > 4 ? [event.family] : [],
    ),
  );
  assert.deepEqual([...families1], []);
  assert.equal(islandView(run.events, 1, 4).filter((event) => event.type === 'trial.started').length, 4);
  assert.equal(islandView(run.events, 0, 4).filter((event) => event.type === 'trial.started').length, 5);
  assert.equal(nextIsland(run.events, new Set(), 2), 1);
  assert.equal(nextIsland(run.events, new Set([1]), 2), 0);
  assert.equal(nextIsland(run.events, new Set([0, 1]), 2), null);
});

test('asking the human leaves a file, runs the command, and survives one that fails', async () => {
  const runDir = folder();
  const question = {
    runDir,
    tag: 't',
    cycle: 7,
    why: 'stuck for 9 cycles',
    digest: 'D',
    command: ['sh', '-c', `cat > ${runDir}/got`],
  };
  assert.equal((await askHuman(question)).type, 'human.asked');
  assert.match(readFileSync(join(runDir, 'ASK.md'), 'utf8'), /stuck for 9 cycles/);
  assert.match(readFileSync(join(runDir, 'got'), 'utf8'), /npm run hint/);
  await askHuman({ ...question, command: ['no-such-program-here'] });
});

test('a proposal is a file for the human and an event, and nothing else', () => {
  const runDir = folder();
  const event = writeProposal(runDir, 3, 'weigh drawdown more');
  const [file] = readdirSync(join(runDir, 'proposals'));
  assert.match(readFileSync(join(runDir, 'proposals', file), 'utf8'), /weigh drawdown more/);
  assert.ok(event.type === 'proposal.made' && event.text === 'weigh drawdown more' && file === `${event.proposal}.md`);
});
