import { ABLATION, ablation } from '../src/lab/experiment/ablation.ts';
import { runScript } from '../src/verbs/table/parse.ts';

await runScript('ablation', ABLATION, ablation);
