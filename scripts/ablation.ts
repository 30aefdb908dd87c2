import { run } from '../src/lab/experiment/ablation.ts';

process.exitCode = await run(process.argv.slice(2));
