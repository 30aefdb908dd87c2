import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openJournal } from '../../src/journal/journal.ts';
import { cycleEvents, startOfRun } from '../../src/lab/story.ts';
import { reading } from '../../src/verbs/table/market.ts';
import { parse } from '../../src/verbs/table/parse.ts';
import { choices } from '../../src/verbs/table/search.ts';
import { VERBS } from '../../src/verbs/table/table.ts';
import fc from '../fast-check.ts';

const GROUPS: Readonly<Record<string, object>> = { reading, choices };

let folder: string;
let runs: string;
let inbox: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'ralph-table-'));
  runs = join(folder, 'runs');
  inbox = join(folder, 'hints');
  const writer = openJournal(join(runs, 'night', 'journal.jsonl'));
  for (const event of [startOfRun, ...cycleEvents(1), ...cycleEvents(2)]) writer.append(event);
  writer.close();
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the real `ralph.ts` with these words. */
function ralph(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['ralph.ts', ...words], (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}

async function refused(words: readonly string[], expected: RegExp): Promise<void> {
  const { code, out, err } = await ralph(...words);
  assert.deepEqual([code, out], [2, ''], `${words.join(' ')}: ${err}`);
  assert.match(err, expected);
}

const hints = () => {
  try {
    return readdirSync(inbox);
  } catch {
    return [];
  }
};

test('with --json an error is JSON on stdout too', async () => {
  const missing = await ralph('results', '--tag', 'nihgt', '--runs', runs, '--json');
  assert.equal(missing.code, 2);
  assert.deepEqual(JSON.parse(missing.out), {
    error: 'there is no run "nihgt"; did you mean "night"?',
    expected: 'one of night',
    remedy: 'Name one of: night.',
  });
  const wrong = await ralph('results', '--last', 'abc', '--json');
  assert.equal(JSON.parse(wrong.out).expected, 'a whole number from 1');
  assert.match(wrong.err, /^--last takes a whole number from 1; got "abc"/);
});

test('a value of the wrong kind is refused with the option and its form', async () => {
  const cases: [string[], RegExp][] = [
    [['results', '--last', 'abc'], /^--last takes a whole number from 1; got "abc"\n-> Usage: .* \[--last N\]/],
    [['tail', '--lines', 'x'], /^--lines takes a whole number from 0; got "x"\n-> Usage: .* \[--lines 10\]/],
    [['digest', '--tokens', 'abc'], /^--tokens takes a whole number from 1; got "abc"\n-> Usage: .* \[--tokens N\]/],
    [['calibrate', '--searches', 'abc'], /^--searches takes a whole number from 1; got "abc"\n-> .* \[--searches N\]/],
    [['demo', '--faults', '1.5'], /^--faults takes a number from 0 to 1; got "1.5"/],
    [['run', '--proposer', 'gaa'], /^--proposer takes one of model, random, ga, sweep; got "gaa"/],
    [['track', 'sync', '--wait', 'long'], /^--wait takes a number from 0; got "long"/],
    [['data', 'verify', '--from', '2014-02-31x'], /^--from takes a day such as 2014-01-31; got "2014-02-31x"/],
    [['data', 'simulate', '--edge', 'luck'], /^--edge takes one of momentum, .*; got "luck"/],
    [['results', '--tag'], /^Option '--tag <value>' argument missing/],
    [['results', '--json=yes'], /^Option '--json' does not take an argument/],
  ];
  for (const [words, expected] of cases) await refused(words, expected);
});

test('every verb refuses a --config folder that is not there', async () => {
  const verbs = Object.entries(VERBS).filter(([, { options }]) => 'config' in options && options.config.form === 'DIR');
  assert.ok(verbs.length > 9, `${verbs.length} verbs`);
  const file = join(folder, 'market.yaml');
  writeFileSync(file, '');
  for (const [name, verb] of verbs)
    for (const given of [join(folder, 'c22'), file])
      assert.throws(() => parse(name, verb, ['--config', given]), /--config takes a folder that exists; got "/, name);
});

test('the same options with good values are taken', async () => {
  const good = async (...words: string[]) => {
    const { code, out, err } = await ralph(...words, '--tag', 'night', '--runs', runs, '--json');
    assert.equal(code, 0, err);
    return JSON.parse(out);
  };
  assert.equal((await good('results', '--last', '1')).length, 1);
  assert.equal((await good('results')).length, 2);
  assert.equal((await good('tail', '--lines', '1')).length, 1);
  assert.equal((await good('track', 'status')).pending, 0);
});

test('a symbol that market.yaml lacks is refused with those it has, and where to add one', async () => {
  const path = join(folder, 'ema-cross.yaml');
  copyFileSync('strategies/library/ema-cross.ts', path.replace('yaml', 'ts'));
  writeFileSync(path, 'strategy: ema-cross.ts\nsymbols: [XRPUSD]\nparams: { fast: 10, slow: 20, stopAtr: 4 }\n');
  await refused(
    ['backtest', path],
    /trades XRPUSD, and .*no such symbol\n-> Use one of BTCUSD, .*or add it: .*data ingest FILES --symbol XRPUSD/,
  );
});

test('an unknown command is refused with the nearest one', async () => {
  await refused(['help', 'nosuch'], /^there is no command "nosuch"\n-> See the list with: npm run ralph -- help/);
  await refused(['help', 'resluts'], /did you mean "results"\?/);
  await refused(['statsu'], /^there is no command "statsu"; did you mean "status"\?/);
  await refused(['constructor'], /^there is no command "constructor"/);
  await refused(['data', 'lis'], /"lis" is not a command here; did you mean "list"\?/);
  await refused(['track', 'snc'], /did you mean "sync"\?/);
  await refused(['data'], /ingest\|list\|verify\|download\|simulate is missing/);
});

test('a misspelt option is refused with the nearest one and the usage', async () => {
  await refused(
    ['data', 'ingest', 'x', '--symbl', 'B'],
    /'--symbl'; did you mean --symbol\?\n-> Usage: npm run ralph -- data ingest /,
  );
  await refused(['results', 'night'], /expected no word beside the options; got "night"/);
  await refused(['promote'], /TRIAL is missing/);
});

test('a command that went wrong becomes no hint', async () => {
  await refused(['hint', 'list', 'foo', '--inbox', inbox], /expected no word beside the options; got "foo"/);
  await refused(['hint', 'drop', '--inbox', inbox], /ID \[REASON\] is missing/);
  await refused(['hint', 'lsit', '--inbox', inbox], /did you mean "list"\?/);
  await refused(['hint', '--inbox', inbox, 'drop', '3'], /did you mean "drop"\? It comes first/);
  await refused(['hint', '--inbox', inbox], /"TEXT" is missing/);
  assert.deepEqual(hints(), []);
  assert.equal((await ralph('hint', 'list the exits you tried', '--inbox', inbox)).code, 0);
  assert.equal(hints().length, 1);
});

test('--version and version print the version of the package', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  for (const word of ['--version', 'version'])
    assert.deepEqual(await ralph(word), { code: 0, out: `${version}\n`, err: '' });
});

test('asked for help, a verb says what it takes and does nothing else', async () => {
  for (const words of [
    ['help', 'run'],
    ['run', '--help'],
    ['data', 'ingest', '-h'],
    ['help', 'data', 'ingest'],
  ]) {
    const { code, out } = await ralph(...words);
    assert.equal(code, 0);
    assert.match(out, new RegExp(`npm run ralph -- ${words.filter((word) => !/^(-|help)/.test(word)).join(' ')} `));
  }
  const { out } = await ralph();
  for (const verb of Object.keys(VERBS).filter((name) => !name.includes(' ')))
    assert.match(out, new RegExp(`^ {2}${verb} `, 'm'));
});

test('every handler takes precisely the options of the table', () => {
  const files = ['src/verbs', 'src/lab', 'src/verbs/data'].flatMap((dir) =>
    readdirSync(dir, { recursive: true, encoding: 'utf8' }).map((name) => join(dir, name)),
  );
  const sources = new Set(['ralph.ts', ...files.filter((name) => name.endsWith('.ts'))]);
  const handlers = [...sources].flatMap((file) => [
    ...readFileSync(file, 'utf8').matchAll(/: Handler<'([^']+)'> = async \(\s*(?:\{([^}]*)\}|_)?/g),
  ]);
  const taken = Object.fromEntries(handlers.map(([, verb, names = '']) => [verb, namesIn(names)]));
  const { data: _, track: __, ...own } = VERBS;
  const known = Object.entries(own).map(([verb, { options }]) => [verb, Object.keys(options).sort()]);
  assert.deepEqual(taken, Object.fromEntries(known));
});

test('a whole number is taken as it is and nothing else is', () => {
  const { last } = VERBS.results.options;
  fc.assert(
    fc.property(fc.oneof(fc.nat().map(String), fc.string()), (text) => {
      const read = last.read(text);
      assert.equal(
        read,
        /^\d+$/.test(text) && Number(text) >= 1 && Number.isSafeInteger(Number(text)) ? Number(text) : undefined,
      );
    }),
  );
});

test('every script is a thin entry point', () => {
  for (const name of readdirSync('scripts')) {
    assert.ok(readFileSync(join('scripts', name), 'utf8').split('\n').length <= 60, `scripts/${name}`);
  }
});

/** The options that a pattern `{ tag, runs: folder }` takes out. */
function namesIn(pattern: string): string[] {
  return (
    pattern
      .split(',')
      .map((part) => part.split(/[:=]/)[0].trim())
      // Groups of the table that are handed on as one.
      .flatMap((name) => (name.startsWith('...') ? Object.keys(GROUPS[name.slice(3)]) : name))
      .filter(Boolean)
      .sort()
  );
}
