import { run } from '../src/lab/bench/islands.ts';

process.exitCode = await run(process.argv.slice(2));
