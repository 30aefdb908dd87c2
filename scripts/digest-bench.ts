import { DIGEST_BENCH, digestBench } from '../src/lab/experiment/digest.ts';
import { runScript } from '../src/verbs/table/parse.ts';

await runScript('digest-bench', DIGEST_BENCH, digestBench);
