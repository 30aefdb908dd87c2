import { existsSync, readFileSync } from 'node:fs';
import { RALPH } from '../base/commands.ts';
import { print, printJson, say, table } from '../base/draw/terminal.ts';
import { type RalphError, UsageError } from '../base/errors.ts';
import { counted } from '../base/numbers.ts';
import { type Ledger, mergeLedger, onlyInBackup } from '../ledger/ledger.ts';
import { StoreDamaged } from '../ledger/store.ts';
import { configFile } from './config-file.ts';
import { marketOf, withLedger } from './data/common.ts';
import { checkOutput, writeOutput } from './output.ts';
import type { Handler } from './table/table.ts';

/** What was spent on every market of a data folder or database; its backup, the merging of two ledgers, and forgetting with a reason. */
export const ledger: Handler<'ledger'> = async ({ config, backup, merge, forget: why, symbol, json }) => {
  if (backup !== undefined) checkOutput('backup', backup);
  return withLedger(marketOf(configFile(config, 'market.yaml')), async (ledger) => {
    if (merge !== undefined) {
      if (!existsSync(merge)) throw misused(`there is no file ${merge}`);
      say(`${await mergeLedger(ledger, readFileSync(merge, 'utf8'))} entries were new and are counted from now on`);
    }
    if (why !== undefined) await forget(ledger, symbol, why);
    if (backup !== undefined) {
      await refuseLoss(ledger, backup);
      const lines = await ledger.lines();
      writeOutput(backup, lines.map((line) => `${line}\n`).join(''));
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

/** A ledger that was lost or put back to an older copy must not take its newer backup with it. */
async function refuseLoss(ledger: Ledger, backup: string): Promise<void> {
  if (!existsSync(backup)) return;
  const lost = await onlyInBackup(ledger, readFileSync(backup, 'utf8')).catch((thrown) => {
    if (thrown instanceof StoreDamaged) throw thrown;
    throw new UsageError(`${backup} is no backup of a ledger, or a damaged one`, { remedy: 'Name another file.' });
  });
  if (lost > 0)
    throw new UsageError(`${backup} holds ${counted(lost, 'line')} that this ledger does not hold`, {
      remedy: `Take them over first (${RALPH} ledger --merge ${backup}), or write to another file.`,
    });
}

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
