import { execSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, type ExitCode } from '../../base/errors.ts';
import { secret } from '../../base/secrets.ts';
import { print, printJson, say, table } from '../../base/terminal.ts';
import { DAY, MINUTE } from '../../market/bars.ts';
import { databaseOf, readMarketConfig } from '../../market/config.ts';
import { type Database, type DatabaseOptions, openDatabase } from '../../market/database.ts';
import { ingest } from '../../market/ingest/ingest.ts';
import { simulateMarket } from '../../market/simulate.ts';
import { freezeWindows } from '../../market/snapshot.ts';
import { verifySymbol } from '../../market/verify/verify.ts';
import { readWindowsConfig } from '../../market/windows.ts';
import { flag, text, whole } from '../../verbs/table/options.ts';
import type { Values, Verb } from '../../verbs/table/verb.ts';
import { makeProject, type Project } from '../project.ts';
import { expect, search, TAG, withRetry } from './search.ts';

/** What `check:server` takes. */
export const CHECK_SERVER = {
  does: 'tries everything that Ralph does with a database on the server of DATABASE_URL, in a schema of its own',
  options: {
    cycles: whole('cycles to run', { least: 3, default: 10 }),
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
    const file = writeBars(project.dir);
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
      const lines = readFileSync(file, 'utf8').split('\n');
      for (const k of [300, 7000]) lines[k] = lines[k].replace(/,[^,]*$/, ',777');
      writeFileSync(file, lines.join('\n'));
      const { replaced, inserted } = await take('replace');
      expect('replaced bars', replaced, 2);
      expect('inserted bars', inserted, 0);
      const report = await verifySymbol(open, SYMBOL, { from: 0, to: START + 999 * DAY }, NO_RULE);
      expect('problems', report?.problems.join(), '');
      return [`2 of ${bars} bars${open.aggregates ? ' in compressed chunks' : ''}`, undefined];
    });
    await step('own table', () => sameAsOwnTable(open, options, schema, config, project.dir));
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

function writeBars(dir: string): string {
  const file = join(dir, `${SYMBOL}-1m-2021.csv`);
  const { bars } = simulateMarket({ seed: 5, start: START, minutes: (260 * DAY) / MINUTE });
  const lines = Array.from({ length: bars.length }, (_, i) =>
    [bars.time[i], bars.open[i], bars.close[i], bars.high[i], bars.low[i], bars.volume[i]].join(),
  );
  writeFileSync(file, lines.join('\n'));
  return file;
}

async function compressAll({ pool }: Database): Promise<void> {
  await pool.query(
    `select count(tsdb.compress_chunk(format('%I.%I', chunk_schema, chunk_name)::regclass, true)) from timescaledb_information.chunks
     where format('%I.%I', hypertable_schema, hypertable_name)::regclass = 'ralph.bars'::regclass`,
  );
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
    const freeze = (from: Database, name: string) =>
      freezeWindows(from, { windows, symbols: [SYMBOL], dir: join(dir, name) });
    const [ingested, read] = [await freeze(db, 'ingested'), await freeze(own, 'own')];
    expect('fingerprint of the own table', read.fingerprint, ingested.fingerprint);
    return [`fingerprint ${read.fingerprint.slice(0, 12)}, as ingested`, undefined] as const;
  } finally {
    await own.close();
  }
}

async function ralph(project: Project, url: string, args: string[]): Promise<string> {
  const { exitCode, stdout, all } = await project.ralph(args, { DATABASE_URL: url });
  expect(`exit code of ${args.join(' ')} (${String(all).slice(-600)})`, exitCode, EXIT.done);
  return String(stdout);
}
