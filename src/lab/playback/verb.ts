import { basename, join } from 'node:path';
import { print, printJson, say } from '../../base/draw/terminal.ts';
import { EXIT } from '../../base/errors.ts';
import { PROJECT_DIR } from '../../base/roots.ts';
import { runFolder } from '../../journal/folder.ts';
import { readJournal } from '../../journal/journal.ts';
import type { Handler } from '../../verbs/table/table.ts';
import { replayRun } from './play.ts';

/**
 * Runs a recorded run again against what the model answered then, and compares the journals. Exit 1 where they differ; the first
 * difference is printed.
 */
export const replay: Handler<'replay'> = async ({ tag: named, json }, [word]) => {
  const dir = runFolder(join(PROJECT_DIR, 'runs'), word ?? named);
  const tag = basename(dir);
  say(`replaying run ${tag}: every session and every trial once more, nothing leaves a folder of its own`);
  const replayed = await replayRun(PROJECT_DIR, tag, readJournal(join(dir, 'journal.jsonl')));
  const { same, cycles, events, played, difference, changed } = replayed;
  if (json) printJson(replayed);
  else {
    if (changed.length > 0) print(`changed since the recording: ${changed.join(', ')}`);
    print(`${cycles} cycles played again, ${played} of ${events} events as recorded`);
    if (difference) {
      print(
        `first difference at event ${difference.seq}, cycle ${difference.cycle ?? '-'}: ${difference.fields.join(', ')}`,
      );
      print(`recorded: ${JSON.stringify(difference.recorded)}`);
      print(`replayed: ${JSON.stringify(difference.replayed)}`);
    } else if (same) print('the same journal');
  }
  return same ? EXIT.done : EXIT.failed;
};
