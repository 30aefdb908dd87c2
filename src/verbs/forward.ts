import { basename, join } from 'node:path';
import { EXIT } from '../base/errors.ts';
import { counted } from '../base/numbers.ts';
import { PROJECT_DIR } from '../base/roots.ts';
import { secret } from '../base/secrets.ts';
import { print, printJson, say } from '../base/terminal.ts';
import { bookOf } from '../forward/book.ts';
import type { RunEvent } from '../journal/events.ts';
import { runFolder } from '../journal/folder.ts';
import { readJournal } from '../journal/journal.ts';
import { returnsReader } from '../journal/objects.ts';
import { configFolderOf } from '../journal/projections/rows.ts';
import type { Trial } from '../journal/state/parts.ts';
import { stateOf } from '../journal/state/run-state.ts';
import { readRalphConfig } from '../loop/config.ts';
import { openNotifier } from '../loop/watch/notifier.ts';
import { configPath } from '../task/config-path.ts';
import { type Look, lookForward } from '../task/trading/forward/forward.ts';
import { type ForwardRow, forwardRow } from '../task/trading/forward/row.ts';
import { forwardText } from './forward/text.ts';
import { newsIn, noteForward, trackForward } from './forward/told.ts';
import type { Handler } from './table/table.ts';

/** Records what every keep did after its freeze, and says whether its edge still stands. */
export const forward: Handler<'forward'> = async ({ tag, config, controls, closed, accept, json }) => {
  const runDir = runFolder(join(PROJECT_DIR, 'runs'), tag);
  const events = readJournal(join(runDir, 'journal.jsonl'));
  const trials = [...keepsOf(events), ...controlsOf(events, controls)];
  const configDir = config ?? configFolderOf(events, PROJECT_DIR);
  const look = await lookForward({ projectDir: PROJECT_DIR, configDir, runDir, events, trials, closed, accept });
  const rows = look.looked.map((each) => forwardRow(events, each));
  const book = bookFrom(runDir, events, look, rows);
  const now = Date.now();
  await tell(runDir, configDir, newsIn(runDir, rows));
  // Noted after it was told: a mistake in ralph.yaml or a kill in between loses no news.
  noteForward(runDir, rows, now);
  if (secret('WANDB_API_KEY')) {
    const looked = look.looked.map(({ record }, k) => ({ row: rows[k], record }));
    const waiting = trackForward(runDir, events, looked, now);
    if (waiting > 0)
      say(`${counted(waiting, 'record')} for W&B: a run under way sends them, else npm run ralph -- track sync`);
  }
  if (json) printJson({ trials: rows, book, accepted: look.accepted });
  else if (rows.length === 0) print('No keep yet: nothing to record.');
  else print(forwardText(rows, book, look.accepted));
  const problems = rows.filter(({ problem }) => problem !== null);
  for (const { trial, problem } of json ? problems : []) say(`${trial}: ${problem}`);
  return problems.length > 0 ? EXIT.failed : EXIT.done;
};

/** News go where ralph.yaml says that people are told. */
async function tell(runDir: string, configDir: string, news: readonly string[]): Promise<void> {
  for (const line of news) say(line);
  if (news.length === 0) return;
  const { notify } = readRalphConfig(configPath(PROJECT_DIR, configDir, 'ralph.yaml'), process.env);
  const notifier = openNotifier(basename(runDir), notify);
  for (const line of news) notifier.tell(line);
  await notifier.settled();
}

function keepsOf(events: readonly RunEvent[]): Trial[] {
  return stateOf(events).trials.filter(({ outcome }) => outcome === 'keep');
}

/** The newest discards that went through train: what the market gave to candidates without an edge. */
function controlsOf(events: readonly RunEvent[], count: number): Trial[] {
  const discards = stateOf(events).trials.filter(
    ({ outcome, returnsSha256 }) => outcome === 'discard' && returnsSha256 !== null,
  );
  return count === 0 ? [] : discards.slice(-count);
}

/** The keeps that are not dead and that their holdout has not rejected. */
function bookFrom(runDir: string, events: readonly RunEvent[], { looked }: Look, rows: readonly ForwardRow[]) {
  const { holdoutAnswers } = stateOf(events);
  const trainOf = returnsReader(runDir, events);
  const members = looked.flatMap(({ trial: { trial }, record }, k) => {
    const living = rows[k].role === 'keep' && rows[k].state !== 'dead' && holdoutAnswers.get(trial) !== 'rejected';
    return record && living ? [{ record, train: trainOf(trial) }] : [];
  });
  return members.length === 0 ? null : bookOf(members);
}
