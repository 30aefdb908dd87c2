import { basename, join } from 'node:path';
import { EXIT } from '../base/errors.ts';
import { counted } from '../base/numbers.ts';
import { PROJECT_DIR } from '../base/roots.ts';
import { print, printJson, say } from '../base/terminal.ts';
import { bookOf } from '../forward/book.ts';
import type { ForwardRow } from '../forward/row.ts';
import type { RunEvent } from '../journal/events.ts';
import { runFolder } from '../journal/folder.ts';
import { readJournal } from '../journal/journal.ts';
import { returnsReader } from '../journal/objects.ts';
import { configFolderOf } from '../journal/projections/rows.ts';
import { stateOf } from '../journal/state/run-state.ts';
import { readRalphConfig } from '../loop/config.ts';
import { tellForward } from '../loop/watch/forward-told.ts';
import { openNotifier } from '../loop/watch/notifier.ts';
import { configPath } from '../task/config-path.ts';
import { type Look, lookForward } from '../task/trading/forward/forward.ts';
import { forwardRow } from '../task/trading/forward/row.ts';
import { recordedTrials } from '../task/trading/forward/trials.ts';
import { forwardText } from './forward/text.ts';
import type { Handler } from './table/table.ts';

/** Records what every keep did after its freeze, and says whether its edge still stands. */
export const forward: Handler<'forward'> = async ({ tag, config, controls, closed, accept, json }) => {
  const runDir = runFolder(join(PROJECT_DIR, 'runs'), tag);
  const events = readJournal(join(runDir, 'journal.jsonl'));
  const trials = recordedTrials(events, controls);
  const configDir = config ?? configFolderOf(events, PROJECT_DIR);
  const look = await lookForward({ projectDir: PROJECT_DIR, configDir, runDir, events, trials, closed, accept });
  const tell = (news: readonly string[]) => tellPerson(runDir, configDir, news);
  const seen = look.looked.map((each) => ({ row: forwardRow(events, each), record: each.record }));
  const rows = seen.map(({ row }) => row);
  const waiting = await tellForward(seen, { runDir, events, tell, now: Date.now() });
  const book = bookFrom(runDir, events, look, rows);
  if (waiting)
    say(`${counted(waiting, 'record')} for W&B: a run under way sends them, else npm run ralph -- track sync`);
  if (json) printJson({ trials: rows, book, accepted: look.accepted });
  else if (rows.length === 0) print('No keep yet: nothing to record.');
  else print(forwardText(rows, book, look.accepted));
  const problems = rows.filter(({ problem }) => problem !== null);
  for (const { trial, problem } of json ? problems : []) say(`${trial}: ${problem}`);
  return problems.length > 0 ? EXIT.failed : EXIT.done;
};

/** News go where ralph.yaml says that people are told. */
async function tellPerson(runDir: string, configDir: string, news: readonly string[]): Promise<void> {
  for (const line of news) say(line);
  if (news.length === 0) return;
  const { notify } = readRalphConfig(configPath(PROJECT_DIR, configDir, 'ralph.yaml'), process.env);
  const notifier = openNotifier(basename(runDir), notify);
  for (const line of news) notifier.tell(line);
  await notifier.settled();
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
