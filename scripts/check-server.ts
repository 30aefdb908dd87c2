import { CHECK_SERVER, checkServerVerb } from '../src/lab/check-server/check.ts';
import { runScript } from '../src/verbs/table/parse.ts';

await runScript('check-server', CHECK_SERVER, checkServerVerb);
