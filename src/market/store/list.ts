import type pg from 'pg';
import { MINUTE, type Range } from '../bars.ts';
import { type Database, withClient } from '../database.ts';
import { openHoles, type Session } from '../sessions.ts';
import { type Counted, type SymbolSummary, summaryFrom } from '../symbol.ts';

/** One line a symbol, gaps and coverage within the hours of its session. */
export async function listOpenHours(db: Database, sessionOf: (symbol: string) => Session | undefined) {
  const summaries = await listSymbols(db);
  return Promise.all(
    summaries.map(async (summary) => {
      const session = sessionOf(summary.symbol);
      return session ? openHours(summary, session, await holesOf(db, summary.symbol)) : summary;
    }),
  );
}

function openHours(summary: SymbolSummary, session: Session, holes: readonly Range[]): SymbolSummary {
  const minutes = openHoles(session, holes).map(({ from, to }) => (to - from) / MINUTE);
  const missing = minutes.reduce((sum, length) => sum + length, 0);
  const there = (summary.bars * summary.interval) / MINUTE;
  return {
    ...summary,
    coverage: there / (there + missing),
    gaps: minutes.length,
    missingMinutes: missing,
    longestGapMinutes: minutes.reduce((longest, length) => Math.max(longest, length), 0),
  };
}

async function holesOf(db: Database, symbol: string): Promise<Range[]> {
  const { source, pool } = db;
  if (source) return withClient(db, (client) => source.holes(client, symbol));
  const asked = 'select from_time as from, to_time as to from ralph.gaps where symbol = $1 order by from_time';
  const { rows } = await pool.query<{ from: Date; to: Date }>(asked, [symbol]);
  return rows.map(({ from, to }) => ({ from: from.getTime(), to: to.getTime() }));
}

/** One line a symbol. Bars are counted from the files' own records, which publish in the same transaction. */
export async function listSymbols(db: Database): Promise<SymbolSummary[]> {
  const { source, pool } = db;
  if (source) return withClient(db, (client) => source.list(client));
  const { rows } = await pool.query<Counted>(
    `select f.symbol, f.interval * ${MINUTE}::float8 as interval, f.bars::float8, f.first, f.last, f.files::float8,
       coalesce(g.gaps, 0)::float8 as gaps, coalesce(g.missing, 0)::float8 as "missingMinutes",
       coalesce(g.longest, 0)::float8 as "longestGapMinutes"
     from (select symbol, max(bar_minutes) as interval, sum(inserted) as bars, min(first) as first, max(last) as last, count(*) as files
           from ralph.ingested_files where state = 'done' group by symbol) f
     left join (select symbol, count(*) as gaps, sum(minutes) as missing, max(minutes) as longest
           from ralph.gaps group by symbol) g using (symbol)
     where f.first is not null order by f.symbol`,
  );
  return rows.map(summaryFrom);
}

export interface IngestedFile {
  readonly symbol: string;
  readonly name: string;
  readonly format: string;
  readonly size: number;
  readonly sha256: string;
  readonly rows: number;
  readonly inserted: number;
  readonly rejected: number;
  readonly conflicts: number;
  readonly first: string | null;
  readonly last: string | null;
}

/** Every file that was taken in, in that order. */
export async function listFiles(pool: pg.Pool): Promise<IngestedFile[]> {
  const { rows } = await pool.query<Omit<IngestedFile, 'first' | 'last'> & Record<'first' | 'last', Date | null>>(
    `select symbol, name, format, size::float8, sha256, rows::float8, inserted::float8, rejected::float8, conflicts::float8, first, last
     from ralph.ingested_files where state = 'done' order by id`,
  );
  return rows.map((row) => ({
    ...row,
    first: row.first?.toISOString() ?? null,
    last: row.last?.toISOString() ?? null,
  }));
}
