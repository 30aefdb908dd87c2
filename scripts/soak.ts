import { SOAK, soak } from '../src/lab/soak/soak.ts';
import { runScript } from '../src/verbs/table/parse.ts';

await runScript('soak', SOAK, soak);
