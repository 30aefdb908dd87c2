import { run } from '../src/lab/experiment/digest.ts';

process.exitCode = await run(process.argv.slice(2));
