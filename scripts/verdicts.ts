import { VERDICTS, verdicts } from '../src/lab/verdicts.ts';
import { runScript } from '../src/verbs/table/parse.ts';

await runScript('verdicts', VERDICTS, verdicts);
