import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT, RalphError } from '../../base/errors.ts';
import { say } from '../../base/terminal.ts';
import { type Bars, MINUTE } from '../../market/bars.ts';
import { badPrintRuleOf, type MarketConfig } from '../../market/config.ts';
import type { FormatName } from '../../market/ingest/format.ts';
import { readBarFile } from '../../market/ingest/read-bars.ts';
import { repairBars, repairsLine } from '../../market/repair.ts';
import { writeWindowFile } from '../../market/window-file.ts';

const COLUMNS = ['time', 'open', 'high', 'low', 'close', 'volume'] as const;

/** Window files made straight from files of bars, one a symbol, all of their bars scored; `remove` deletes them. */
export async function windowsFromFiles(
  files: readonly string[],
  symbols: readonly string[],
  format: FormatName | undefined,
  market: MarketConfig,
): Promise<{ paths: string[]; remove: () => void }> {
  if (files.length !== symbols.length) {
    throw new RalphError(`--bars was given ${files.length} times for the symbols ${symbols.join(', ')}`, {
      remedy: 'Give one file a symbol, in the order of the YAML, or name the symbols with --symbol.',
      exitCode: EXIT.usage,
    });
  }
  const dir = mkdtempSync(join(tmpdir(), 'ralph-backtest-'));
  const remove = () => rmSync(dir, { recursive: true, force: true });
  try {
    const paths: string[] = [];
    for (const [i, file] of files.entries()) {
      const read = await readAll(file, format);
      const path = join(dir, `${symbols[i]}.bars`);
      const range = { from: read.time[0], to: read.time[read.length - 1] + MINUTE };
      const rule = badPrintRuleOf(market, symbols[i]);
      const { bars, badPrints } = rule.factor > 0 ? repairBars(read, range, rule) : { bars: read };
      if (badPrints && badPrints.prints.length > 0) say(`${file}: ${repairsLine(badPrints)}`);
      writeWindowFile(path, bars, { symbol: symbols[i], range, warmupMs: 0, provenance: 'file', badPrints });
      paths.push(path);
    }
    return { paths, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

async function readAll(path: string, format: FormatName | undefined): Promise<Bars> {
  const parts: Record<(typeof COLUMNS)[number], Float64Array>[] = [];
  let bad = 0;
  const onBad = ({ line, reason }: { line: number; reason: string }) => {
    bad += 1;
    if (bad <= 3) say(`${path}: line ${line} is left out: ${reason}`);
  };
  for await (const batch of readBarFile(path, { format }, { onBad })) {
    // The batch's arrays are used again for the next one.
    const copied = COLUMNS.map((name) => [name, batch[name].slice(0, batch.length)] as const);
    parts.push(Object.fromEntries(copied) as (typeof parts)[number]);
  }
  if (bad > 0) say(`${path}: ${bad} rows are left out`);
  const length = parts.reduce((sum, part) => sum + part.time.length, 0);
  if (length === 0) throw new RalphError(`${path} holds no bars`, { remedy: 'Check the file and --format.' });
  const joined = COLUMNS.map((name) => {
    const column = new Float64Array(length);
    let at = 0;
    for (const part of parts) {
      column.set(part[name], at);
      at += part[name].length;
    }
    return [name, column] as const;
  });
  return { length, ...Object.fromEntries(joined) } as unknown as Bars;
}
