import { ABLATION, ablation } from '../src/lab/experiment/ablation.ts';
import { runScript } from '../src/verbs/table/script.ts';

await runScript('ablation', ABLATION, ablation);
