import { execSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { print, printJson, say, table } from '../../base/draw/terminal.ts';
import { EXIT, type ExitCode } from '../../base/errors.ts';
import { secret } from '../../base/secrets.ts';
import { DAY, MINUTE } from '../../market/bars.ts';
import { databaseOf, readMarketConfig } from '../../market/config.ts';
import { type Database, type DatabaseOptions, openDatabase } from '../../market/database.ts';
import { freezeRange } from '../../market/freeze-range.ts';
import { ingest } from '../../market/ingest/ingest.ts';
import { simulateMarket } from '../../market/simulate.ts';
import { verifySymbol } from '../../market/verify/verify.ts';
import { readWindowsConfig } from '../../market/windows.ts';
import { flag, text, whole } from '../../verbs/table/options.ts';
import type { Values, Verb } from '../../verbs/table/verb.ts';
import { makeProject, type Project } from '../project.ts';
import { compressAll } from './compress.ts';
import { expect, search, TAG, withRetry } from './search.ts';

/** What `check:server` takes. */
export const CHECK_SERVER = {
  does: 'tries everything that Ralph does with a database on the server of DATABASE_URL, in a schema of its own',
  options: {
    cycles: whole('cycles to run; 0 for none', { default: 10 }),
    restart: text('how the server is killed and started again; without it the line to it is cut', 'COMMAND'),
    json: flag('one JSON value on stdout'),
  },
} as const satisfies Verb;

/** One step of the check: how long it took, and what it found. */
export interface Step {
  readonly step: string;
  readonly milliseconds: number;
  readonly found: string;
}

export async function checkServerVerb({
  cycles,
  restart,
  json,
}: Values<typeof CHECK_SERVER.options>): Promise<ExitCode> {
  const url = secret('DATABASE_URL');
  if (!url) {
    say('skipped: DATABASE_URL names no server');
    if (json) printJson([]);
    return EXIT.done;
  }
  const again = restart === undefined ? undefined : () => void execSync(restart, { stdio: 'ignore' });
  const steps = await checkServer({ url, cycles, restart: again });
  if (json) printJson(steps);
  else {
    const rows = steps.map(({ step, milliseconds, found }) => [step, `${Math.round(milliseconds)} ms`, found]);
    print(table(['step', 'took', 'found'], rows));
  }
  return EXIT.done;
}

const SYMBOL = 'SIMUSD';
const START = Date.UTC(2021, 0, 1);
/** Lines of a month or so: what is replaced. */
const MONTH = 40_000;

/**
 * Migrates, ingests, replaces, reads the same bars as a table of the user's own, searches for some cycles while the server goes away, and
 * verifies and reproduces what came of it. Everything lies in a schema that is dropped afterwards. Throws RalphError at the first step that
 * finds something else than it should.
 */
export async function checkServer({
  url,
  cycles,
  restart,
}: {
  readonly url: string;
  readonly cycles: number;
  readonly restart?: () => void;
}): Promise<Step[]> {
  const steps: Step[] = [];
  const step = async <T>(name: string, work: () => Promise<readonly [string, T]>): Promise<T> => {
    const start = performance.now();
    const [found, value] = await work();
    steps.push({ step: name, milliseconds: performance.now() - start, found });
    say(`${name}: ${found}`);
    return value;
  };
  const schema = `ralph_check_${process.pid}`;
  const project = await makeProject({ market: false });
  const config = join(project.dir, 'config', 'test');
  const options: DatabaseOptions = { dataDir: join(project.dir, '.data', 'demo'), url, schema };
  let db: Database | undefined;
  try {
    const open = await step('migrate', async () => {
      const opened = await openDatabase(options);
      return [opened.weaker.join('; ') || 'nothing is weaker', opened];
    });
    db = open;
    const file = writeBars(project.dir, cycles === 0 ? 60 : 260);
    const take = (onConflict: 'keep' | 'replace') =>
      ingest(open, {
        paths: [file],
        symbol: SYMBOL,
        format: 'bitfinex',
        maxBadShare: 0,
        dataDir: project.dir,
        onConflict,
      });
    const bars = await step('ingest', async () => {
      const { inserted } = await take('keep');
      expect('a second ingest adds', (await take('keep')).inserted, 0);
      return [`${inserted} bars`, inserted];
    });
    await step('replace', async () => {
      if (open.aggregates) await compressAll(open);
      const lines = readFileSync(file, 'utf8').split('\n').slice(0, MONTH);
      for (const k of [300, 7000]) lines[k] = lines[k].replace(/,[^,]*$/, ',777');
      writeFileSync(file, lines.join('\n'));
      const { replaced, inserted } = await take('replace');
      expect('replaced bars', replaced, 2);
      expect('inserted bars', inserted, 0);
      const report = await verifySymbol(open, SYMBOL, { from: 0, to: START + 40 * DAY }, NO_RULE);
      expect('problems', report?.problems.join(), '');
      return [`2 of ${bars} bars${open.aggregates ? ' in compressed chunks' : ''}`, undefined];
    });
    await step('own table', () => sameAsOwnTable(open, options, schema, config, project.dir));
    await step('hours', () => hours(open, project.dir));
    if (cycles === 0) return steps;
    writeFileSync(
      join(config, 'market.yaml'),
      `${readFileSync(join(config, 'market.yaml'), 'utf8')}\nschema: ${schema}\n`,
    );
    await step('run', () => search(project, open, url, cycles, restart));
    await step('verify', async () => {
      const { problems } = JSON.parse(await ralph(project, url, ['verify', '--tag', TAG, '--json'])) as {
        problems: [];
      };
      expect('problems', problems.length, 0);
      return ['no problem', undefined];
    });
    await step('reproduce', async () => {
      const { rows } = await withRetry(() =>
        open.pool.query<{ trial: string }>('select trial from ralph.trials where tag = $1 order by trial limit 1', [
          TAG,
        ]),
      );
      await ralph(project, url, ['reproduce', rows[0].trial, '--tag', TAG, '--config', 'config/test']);
      return [`trial ${rows[0].trial}: the same fingerprint`, undefined];
    });
    return steps;
  } finally {
    if (db) {
      await db.pool.query(`drop schema if exists ${schema} cascade`).catch(() => {});
      await db.close();
    }
    await project.remove();
  }
}

const NO_RULE = { factor: 0, neighbours: 5, minutes: 60 };

function writeBars(dir: string, days: number): string {
  const file = join(dir, `${SYMBOL}-1m-2021.csv`);
  const { bars } = simulateMarket({ seed: 5, start: START, minutes: (days * DAY) / MINUTE });
  const lines = Array.from({ length: bars.length }, (_, i) =>
    [bars.time[i], bars.open[i], bars.close[i], bars.high[i], bars.low[i], bars.volume[i]].join(),
  );
  writeFileSync(file, lines.join('\n'));
  return file;
}

/** The same bars as a table of candles with other names: its windows must be those of the ingested bars, byte for byte. */
async function sameAsOwnTable(db: Database, options: DatabaseOptions, schema: string, config: string, dir: string) {
  await db.pool.query(
    `create table ralph.candles as select (extract(epoch from time) * 1000)::bigint as ts, 'sim-usd'::text as pair,
       open as o, high as h, low as l, close as c, volume::numeric as v from ralph.bars`,
  );
  const market = readMarketConfig(join(config, 'market.yaml'));
  const windows = readWindowsConfig(join(config, 'windows.yaml'));
  const source = {
    table: `${schema}.candles`,
    time: 'ts',
    symbol: 'pair',
    open: 'o',
    high: 'h',
    low: 'l',
    close: 'c',
    volume: 'v',
  };
  const rest = { label: 'open', interval: '1m', timezone: 'UTC', names: {} } as const;
  const own = await openDatabase(
    databaseOf({ ...market, source: { ...source, ...rest } }, options.dataDir, options.url),
  );
  try {
    const freeze = async (from: Database, name: string) => {
      const { warmupMs, train } = windows;
      const [file] = await freezeRange(from, {
        symbols: [SYMBOL],
        range: train,
        warmupMs,
        role: 'train',
        dir: join(dir, name),
      });
      return file.fingerprint;
    };
    const [ingested, read] = [await freeze(db, 'ingested'), await freeze(own, 'own')];
    expect('fingerprint of the own table', read, ingested);
    return [`fingerprint ${read.slice(0, 12)}, as ingested`, undefined] as const;
  } finally {
    await own.close();
  }
}

/** Bars of an hour with a hole, from a file: the gap that is noted must be the one that the bars have. */
async function hours(db: Database, dir: string) {
  const file = join(dir, 'hours.csv');
  const rows = Array.from({ length: 100 }, (_, k) => `${START + (k < 50 ? k : k + 5) * 60 * MINUTE},10,12,9,11,1`);
  writeFileSync(file, `time,open,high,low,close,volume\n${rows.join('\n')}`);
  const { inserted, gaps } = await ingest(db, {
    paths: [file],
    symbol: 'HOURS',
    interval: '1h',
    maxBadShare: 0,
    dataDir: dir,
  });
  const report = await verifySymbol(db, 'HOURS', { from: 0, to: START + 999 * DAY }, NO_RULE);
  expect(
    'bars, gaps, minutes missing, problems',
    [inserted, gaps, report?.missing, ...(report?.problems ?? [])].join(),
    '100,1,300',
  );
  return ['100 bars, a gap of 5', undefined] as const;
}

async function ralph(project: Project, url: string, args: string[]): Promise<string> {
  const { exitCode, stdout, all } = await project.ralph(args, { DATABASE_URL: url });
  expect(`exit code of ${args.join(' ')} (${String(all).slice(-600)})`, exitCode, EXIT.done);
  return String(stdout);
}
