import { SOAK, soak } from '../src/lab/soak/soak.ts';
import { runScript } from '../src/verbs/table/script.ts';

await runScript('soak', SOAK, soak);
