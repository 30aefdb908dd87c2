import { BENCH_JOURNAL, benchJournal } from '../src/lab/bench/journal.ts';
import { runScript } from '../src/verbs/table/parse.ts';

await runScript('bench-journal', BENCH_JOURNAL, benchJournal);
