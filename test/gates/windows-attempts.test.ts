import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import { table } from '../../src/base/draw/terminal.ts';
import { messageOf } from '../../src/base/errors.ts';
import { canaryMarket, canaryWindows } from '../../src/gates/canaries/market.ts';
import { emptyHistory } from '../../src/gates/history.ts';
import { promoteCandidate } from '../../src/gates/holdout.ts';
import { evaluateCandidate } from '../../src/gates/pipeline.ts';
import { DAY } from '../../src/market/bars.ts';
import { readMarketConfig } from '../../src/market/config.ts';
import { readWindowsConfig } from '../../src/market/windows.ts';
import { readHint } from '../../src/search/hints/hint-file.ts';
import { shippedGates } from './support.ts';

const ROOT = join(import.meta.dirname, '../..');
const dir = mkdtempSync(join(tmpdir(), 'ralph-windows-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const frozen = canaryWindows(dir);
const market = canaryMarket(readMarketConfig(join(ROOT, 'config/market.yaml')));
const gates = shippedGates();
const rows: string[][] = [];
after(() => process.stderr.write(`${table(['attempt', 'stopped by', 'with'], rows)}\n`));

const YAML = 'strategy: wide.ts\nsymbols: [CANARY]\n';
const source = (body: string, more = '') => `import { defineStrategy } from 'ralph/strategy';
export default defineStrategy({
  family: 'wide', hypothesis: 'More history is better; refuted at Sharpe < 1', timeframe: '1h', params: {}, warmup: 1, ${more}
  decide(now) { ${body} },
});
`;
const evaluate = (strategy: string, yaml = YAML, windows = frozen) =>
  evaluateCandidate({
    files: { name: 'wide', source: strategy, yaml },
    params: {},
    frozen: windows,
    market,
    gates,
    history: emptyHistory(),
  });

function stopped(attempt: string, by: string, message: string, expected: RegExp) {
  assert.match(message, expected, attempt);
  rows.push([attempt, by, message.slice(0, 110)]);
}

async function refusedBy(attempt: string, strategy: string, yaml: string, stage: string, expected: RegExp) {
  const { outcome, gates: results } = await evaluate(strategy, yaml);
  const last = results.at(-1)!;
  assert.deepEqual([outcome, last.stage, last.passed], [outcome, stage, false], `${attempt}: ${last.message}`);
  stopped(attempt, last.gate, last.message, expected);
}

const trade = 'if (now.position === 0) now.target(1); else now.flat();';

test('a YAML key, at the top or nested', async () => {
  await refusedBy(
    'YAML: start: 2010-01-01',
    source(trade),
    `${YAML}start: 2010-01-01\n`,
    'static',
    /windows belong to the harness/,
  );
  await refusedBy(
    'YAML: trainFrom under params',
    source(trade),
    `${YAML}params: { trainFrom: 1 }\n`,
    'static',
    /windows belong to the harness/,
  );
  await refusedBy(
    'YAML: selection: [...]',
    source(trade),
    `${YAML}selection: [1]\n`,
    'static',
    /windows belong to the harness/,
  );
});

test('a property of the strategy', async () => {
  await refusedBy('strategy: window: {...}', source(trade, 'window: { from: 0, to: 1 },'), YAML, 'static', /window/);
});

test('the clock, a file, the future and the past beyond the data', async () => {
  await refusedBy(
    'strategy: Date.now()',
    source('if (Date.now() > 0) now.target(1);'),
    YAML,
    'causality',
    /the clock is refused/,
  );
  await refusedBy(
    'strategy: import node:fs',
    `import { readFileSync } from 'node:fs';\n${source(trade)}`,
    YAML,
    'static',
    /node:fs/,
  );
  await refusedBy(
    'strategy: the next bar',
    source("if (now.ago('close', -1) > 0) now.target(1);"),
    YAML,
    'causality',
    /0 or more/,
  );
  await refusedBy(
    'strategy: bars before the warm-up',
    source("if (now.ago('close', 10000000) > 0) now.target(1);"),
    YAML,
    'smoke',
    /fills 0/,
  );
});

test('a tool argument: no tool of the agent takes a date or a window', () => {
  const tools = parse(readFileSync(join(ROOT, 'prompts/tools.yaml'), 'utf8')) as Record<string, { parameters: object }>;
  const names = Object.values(tools).flatMap(({ parameters }) => Object.keys(parameters));
  assert.deepEqual(
    names.filter((name) => /window|from|until|date|start|end|fold|holdout|range|embargo/i.test(name)),
    [],
  );
  assert.deepEqual(Object.keys(tools.backtest.parameters), ['name']);
  rows.push(['tool argument', 'prompts/tools.yaml', 'backtest takes the name of a candidate and nothing else']);
});

test('a hint', () => {
  const asked = readHint(Buffer.from('---\nwindow: 2010-01-01\n---\nuse more history'));
  assert.ok(!asked.ok);
  stopped('hint: front matter window', 'hint file', asked.why, /unknown key "window"/);
  const told = readHint(Buffer.from('Please move the train window back to 2010.'));
  // `from` is where the hint was written: inbox, terminal or page.
  const known = ['text', 'priority', 'expiresAt', 'scope', 'drop', 'from'];
  assert.ok(told.ok && Object.keys(told.hint).every((key) => known.includes(key)));
  rows.push(['hint: in words', 'hint file', 'words reach the brief; nothing that reads windows reads hints']);
});

test('an edited or exchanged window file while the run is on', async () => {
  const [file] = frozen.train;
  const edited = { ...file, path: join(dir, 'edited.bars') };
  copyFileSync(file.path, edited.path);
  const handle = openSync(edited.path, 'r+');
  writeSync(handle, Buffer.from([1, 2, 3]), 0, 3, 5000);
  const attempt = async (train: typeof file) => {
    const thrown = await evaluate(source(trade), YAML, { ...frozen, train: [train] }).then(() => null, messageOf);
    return thrown ?? 'nothing';
  };
  stopped('one byte of the frozen train file', 'fingerprint', await attempt(edited), /was changed: .*fingerprint/);
  const swapped = { ...file, path: frozen.selection[0][0].path };
  stopped('the selection file in its place', 'fingerprint', await attempt(swapped), /was replaced/);
  stopped('no file', 'fingerprint', await attempt({ ...file, path: join(dir, 'none') }), /was changed/);
});

test('windows.yaml: overlap, no embargo, disorder and unknown keys are refused; other dates are other data', () => {
  const read = (change: (text: string) => string) => {
    const path = join(dir, 'windows.yaml');
    writeFileSync(path, change(readFileSync(join(ROOT, 'config/windows.yaml'), 'utf8')));
    try {
      readWindowsConfig(path);
      return 'nothing';
    } catch (error) {
      return messageOf(error);
    }
  };
  const { train, holdout } = readWindowsConfig(join(ROOT, 'config/windows.yaml'));
  const day = (time: number) => new Date(time).toISOString().slice(0, 10);
  stopped(
    'windows.yaml: train into selection',
    'windows.ts',
    read((t) => t.replaceAll(`to: ${day(train.to)}`, `to: ${day(train.to + 30 * DAY)}`)),
    /embargo days after train/,
  );
  stopped(
    'windows.yaml: embargo of 0 days',
    'windows.ts',
    read((t) => t.replace(/embargoDays: \d+/, 'embargoDays: 0')),
    /embargoDays/,
  );
  stopped(
    'windows.yaml: holdout before selection',
    'windows.ts',
    read((t) => t.replaceAll(`from: ${day(holdout.from)}`, 'from: 2013-05-01')),
    /embargo days after the last/,
  );
  stopped(
    'windows.yaml: a key of its own',
    'windows.ts',
    read((t) => `${t}\npeek: 1\n`),
    /unknown key "peek"/,
  );
});

test('the holdout: once a candidate, within the ration, and not at all by a trial', async () => {
  let opened = 0;
  const promote = (before: { candidate: string; fingerprint: string }[]) =>
    promoteCandidate({
      candidate: 'wide',
      fingerprint: 'same',
      files: { name: 'wide', source: source(trade), yaml: YAML },
      params: {},
      frozen: { holdout: frozen.selection[0] },
      market,
      gates,
      opened: before,
      open: () => {
        opened += 1;
      },
    }).then(({ message }) => message, messageOf);
  stopped(
    'promote the same code under another name',
    'holdout.ts',
    await promote([{ candidate: 'other-name', fingerprint: 'same' }]),
    /has had its look/,
  );
  const spent = Array.from({ length: gates.holdout.openings }, (_, i) => ({ candidate: `c${i}`, fingerprint: `${i}` }));
  stopped('one opening too many', 'holdout.ts', await promote(spent), /openings of the holdout are spent/);
  assert.equal(opened, 0, 'a refusal opens nothing');
  assert.match(await promote([]), /^(confirmed|rejected|insufficient evidence): sharpe .* can detect is 3\.5/);
  assert.equal(opened, 1);
  assert.match(await promote([{ candidate: 'another', fingerprint: 'other' }]), /at opening 2;/);
});
