import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { RalphError } from '../../../src/base/errors.ts';
import { openObjects } from '../../../src/journal/objects.ts';
import { verifyRun } from '../../../src/journal/verify/verify.ts';
import { buildRunFolder } from '../../../src/lab/bench/run-folder.ts';

let sound: string;
let sealed: string;
before(async () => {
  sound = buildRunFolder(4, { own: true });
  sealed = buildRunFolder(8, { own: true, partBytes: 12_000 });
});

/** Changes one line of a file (counted from 1); null takes it out. */
function edit(path: string, line: number, change: (text: string) => string | null): void {
  const lines = readFileSync(path, 'utf8').split('\n');
  const changed = change(lines[line - 1]);
  lines.splice(line - 1, 1, ...(changed === null ? [] : [changed]));
  writeFileSync(path, lines.join('\n'));
}

/** The line of the n-th event of a type. */
function lineOf(dir: string, type: string, nth = 1): number {
  const lines = readFileSync(join(dir, 'journal.jsonl'), 'utf8').split('\n');
  let seen = 0;
  return 1 + lines.findIndex((text) => text.includes(`"type":"${type}"`) && ++seen === nth);
}

const object = (dir: string, trial: string) => {
  const line = readFileSync(join(dir, 'journal.jsonl'), 'utf8')
    .split('\n')
    .find((text) => text.includes(`"trial.started","trial":"${trial}"`));
  return join(dir, 'objects', JSON.parse(line ?? '{}').files['a.ts']);
};

/** What is done to the folder, and where verify must point: file, and line where the file has lines of events. */
const DAMAGES: Record<string, (dir: string, journal: string) => [file: string, line: number | null]> = {
  'a number in an old event was changed': (dir, journal) => {
    const line = lineOf(dir, 'trial.finished', 2);
    edit(journal, line, (text) => text.replace('"turns":12', '').replace('"outcome":"discard"', '"outcome":"keep"'));
    return ['journal.jsonl', line + 1];
  },
  'a line was taken out': (dir, journal) => {
    const line = lineOf(dir, 'session.ended', 2);
    edit(journal, line, () => null);
    return ['journal.jsonl', line];
  },
  'a line was put in twice': (dir, journal) => {
    const line = lineOf(dir, 'trial.finished', 3);
    edit(journal, line, (text) => `${text}\n${text}`);
    return ['journal.jsonl', line + 1];
  },
  'two lines changed places': (dir, journal) => {
    const line = lineOf(dir, 'hypothesis.registered', 2);
    const lines = readFileSync(journal, 'utf8').split('\n');
    lines.splice(line - 1, 2, lines[line], lines[line - 1]);
    writeFileSync(journal, lines.join('\n'));
    return ['journal.jsonl', line];
  },
  'a line is no JSON': (dir, journal) => {
    const line = lineOf(dir, 'verdict.given', 1);
    edit(journal, line, (text) => text.slice(0, 50));
    return ['journal.jsonl', line];
  },
  'the last line is torn': (_dir, journal) => {
    const text = readFileSync(journal, 'utf8');
    truncateSync(journal, text.length - 10);
    return ['journal.jsonl', text.trimEnd().split('\n').length];
  },
  'the last lines were cut off cleanly': (_dir, journal) => {
    const lines = readFileSync(journal, 'utf8').trimEnd().split('\n');
    writeFileSync(journal, `${lines.slice(0, -3).join('\n')}\n`);
    return ['history.json', null];
  },
  'the first line was taken out': (_dir, journal) => {
    edit(journal, 1, () => null);
    return ['journal.jsonl', 1];
  },
  'the last line was changed': (_dir, journal) => {
    const lines = readFileSync(journal, 'utf8').trimEnd().split('\n');
    edit(journal, lines.length, (text) => text.replace('t-search', 't-other'));
    return ['journal.jsonl', lines.length];
  },
  'a stored strategy was changed': (dir) => {
    appendFileSync(object(dir, '0002-1'), ' ');
    return ['journal.jsonl', lineOf(dir, 'trial.started', 2)];
  },
  'a stored strategy is missing': (dir) => {
    rmSync(object(dir, '0003-1'));
    return ['journal.jsonl', lineOf(dir, 'trial.started', 3)];
  },
  'a verdict file says something else': (dir) => {
    const file = join(dir, 'cycles', '0002', 'verdict.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('discard', 'keep'));
    return ['cycles/0002/verdict.json', null];
  },
  'a brief was rewritten after the session': (dir) => {
    appendFileSync(join(dir, 'cycles', '0002', 'brief.md'), ' and be lenient');
    return ['cycles/0002/brief.md', null];
  },
  'a score was made better in a report': (dir) => {
    const file = join(dir, 'cycles', '0003', 'report.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"score": 0', '"score": 9'));
    return ['cycles/0003/report.json', null];
  },
  'a cycle folder is missing': (dir) => {
    rmSync(join(dir, 'cycles', '0003'), { recursive: true });
    return ['cycles/0003/brief.md', null];
  },
  'a result was made better in results.tsv': (dir) => {
    edit(join(dir, 'results.tsv'), 3, (text) => text.replace('discard', 'keep'));
    return ['results.tsv', 3];
  },
  'a row is missing from history.json': (dir) => {
    edit(join(dir, 'history.json'), 3, () => null);
    return ['history.json', 3];
  },
  'STATUS.md was edited': (dir) => {
    edit(join(dir, 'STATUS.md'), 4, (text) => text.replace('0 keep', '3 keep'));
    return ['STATUS.md', 4];
  },
  'a commit was taken off the branch': (dir) => {
    execFileSync('git', ['reset', '-q', '--hard', 'HEAD~1'], { cwd: join(dir, 'worktree') });
    return ['journal.jsonl', lineOf(dir, 'cycle.committed', 4)];
  },
};

test('an untouched run folder is found in order, sealed or not', async () => {
  assert.deepEqual(await verifyRun(sound), { ok: true, cycles: 4, trials: 4, problems: [] });
  assert.ok(readdirSync(sealed).filter((name) => name.endsWith('.gz')).length >= 2);
  assert.deepEqual(await verifyRun(sealed), { ok: true, cycles: 8, trials: 8, problems: [] });
});

for (const [name, damage] of Object.entries(DAMAGES)) {
  test(`verify finds it by file and line: ${name}`, async () => {
    const dir = copy(sound);
    const [file, line] = damage(dir, join(dir, 'journal.jsonl'));
    const { ok, problems } = await verifyRun(dir);
    assert.equal(ok, false);
    const where = `${join(dir, file)}${line === null ? '' : `:${line}`}`;
    const found = problems.some((each) => (line === null ? each.where.startsWith(where) : each.where === where));
    assert.ok(found, `expected ${where}, got ${JSON.stringify(problems, null, 1)}`);
    for (const each of problems) assert.match(each.remedy, /^[A-Z].*\.$/, JSON.stringify(each));
  });
}

test('verify finds what was sealed wrong, hash and all: trailers, the files of a commit, the numbers of a report', async () => {
  const dir = buildRunFolder(6, {
    own: true,
    lie: (cycle, what, text) => {
      if (cycle === 1 && what === 'message') return text.replace('Verdict: discard', 'Verdict: keep');
      if (cycle === 2 && what === 'message') return text.replace(/Ralph-Spent: .*/, 'Ralph-Spent: 1 0');
      if (cycle === 3 && what === 'message') return text.replace(/(Ralph-Journal: \d+) \w+/, `$1 ${'a'.repeat(64)}`);
      if (cycle === 4 && what === 'a.ts') return 'other code';
      if (cycle === 5 && what === 'report.json') return text.replace(/"sharpe": [\d.]+/, '"sharpe": 4.2');
      if (cycle === 6 && what === 'message') return text.replace(/^(Ralph-Journal|Route): .*\n/gm, '');
      return text;
    },
  });
  const { problems } = await verifyRun(dir);
  const found = [
    /commit of cycle 1 says "Verdict: keep"; the journal says discard$/,
    /commit of cycle 2 says 1 0 trials and looks; the journal says 2 0$/,
    /event \d+ is not the one under which cycle 3 was committed$/,
    /strategies\/t\/a\.ts in the commit of cycle 4 is not the file of its trial$/,
    /is not the result that the journal holds for trial 0005-1: metrics differs$/,
    /commit of cycle 6 does not name the event under which it was made$/,
    /commit of cycle 6 says "Route: "; the journal says new$/,
  ];
  for (const each of found)
    assert.equal(problems.filter(({ what }) => each.test(what)).length, 1, `${each} in ${JSON.stringify(problems)}`);
  assert.equal(problems.length, found.length, JSON.stringify(problems));
});

test('verify finds damage inside of a sealed part by its line there', async () => {
  const dir = copy(sealed);
  const part = join(dir, 'journal.000002.jsonl.gz');
  const lines = gunzipSync(readFileSync(part)).toString().split('\n');
  lines[3] = lines[3].replace('"cycle":', '"cycle": ');
  writeFileSync(part, gzipSync(lines.join('\n')));
  const { problems } = await verifyRun(dir);
  assert.ok(
    problems.some(({ where }) => where === `${part}:5`),
    JSON.stringify(problems),
  );
});

test('an object that is missing or damaged is refused by name, with what to do', () => {
  const dir = copy(sound);
  const objects = openObjects(dir);
  const [kept, lost] = [objects.put('kept'), objects.put('lost')];
  appendFileSync(join(dir, 'objects', kept), '!');
  rmSync(join(dir, 'objects', lost));
  for (const [name, problem] of [
    [kept, /is damaged/],
    [lost, /is missing/],
  ] as const)
    assert.throws(
      () => objects.get(name),
      (error) => error instanceof RalphError && problem.test(error.message) && error.message.includes(name),
    );
});

function copy(from: string): string {
  const dir = join(mkdtempSync(join(tmpdir(), 'ralph-damage-')), 't');
  cpSync(from, dir, { recursive: true });
  return dir;
}
