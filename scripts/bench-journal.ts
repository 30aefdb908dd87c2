import { run } from '../src/lab/bench/journal.ts';

process.exitCode = await run(process.argv.slice(2));
