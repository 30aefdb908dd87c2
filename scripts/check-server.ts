import { CHECK_SERVER, checkServerVerb } from '../src/lab/check-server/check.ts';
import { runScript } from '../src/verbs/table/script.ts';

await runScript('check-server', CHECK_SERVER, checkServerVerb);
