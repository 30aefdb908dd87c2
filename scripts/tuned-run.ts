import { TUNED_RUN, tunedRun } from '../src/lab/tuned-run.ts';
import { runScript } from '../src/verbs/table/parse.ts';

await runScript('tuned-run', TUNED_RUN, tunedRun);
