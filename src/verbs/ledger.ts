import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type RalphError, UsageError } from '../base/errors.ts';
import { writeFileAtomic } from '../base/files.ts';
import { PROJECT_DIR } from '../base/roots.ts';
import { print, printJson, say, table } from '../base/terminal.ts';
import { type Ledger, mergeLedger } from '../ledger/ledger.ts';
import { marketIn, withLedger } from './data/common.ts';
import { RALPH } from './table/parse.ts';
import type { Handler } from './table/table.ts';

/** What was spent on every market of a data folder or database; its backup, the merging of two ledgers, and forgetting with a reason. */
export const ledger: Handler<'ledger'> = async ({ config, backup, merge, forget: why, symbol, json }) => {
  return withLedger(marketIn(resolve(PROJECT_DIR, config)), async (ledger) => {
    if (merge !== undefined) {
      if (!existsSync(merge)) throw misused(`there is no file ${merge}`);
      say(`${await mergeLedger(ledger, readFileSync(merge, 'utf8'))} entries were new and are counted from now on`);
    }
    if (why !== undefined) await forget(ledger, symbol, why);
    if (backup !== undefined) {
      const lines = await ledger.lines();
      writeFileAtomic(backup, lines.map((line) => `${line}\n`).join(''));
      say(`${lines.length} lines written to ${backup}`);
    }
    const rows = await ledger.add([], (book) => book.rows());
    if (json) printJson(rows);
    else if (rows.length === 0) print('Nothing was spent on these data yet.');
    else {
      const head = ['symbol', 'from', 'to', 'trials', 'looks', 'holdouts', 'tags'];
      const cells = rows.map((row) => [
        ...[row.symbol, row.from, row.to, row.trials, row.looks, row.holdouts],
        row.tags.join(', '),
      ]);
      print(table(head, cells));
    }
  });
};

async function forget(ledger: Ledger, symbol: string | undefined, why: string): Promise<void> {
  if (symbol === undefined || why.trim() === '')
    throw misused('--forget takes a reason and the market, as --symbol BTCUSD');
  const entry = await ledger.add([], (book) => book.forgetting(symbol, why));
  if (entry === null) throw misused(`the ledger knows no market ${symbol}`);
  await ledger.add([entry], () => undefined);
  say(
    `what was spent on ${symbol} no longer counts; the reason is printed in every later report. Days that were train stay so.`,
  );
}

function misused(problem: string): RalphError {
  return new UsageError(problem, { remedy: `See ${RALPH} help ledger.` });
}
