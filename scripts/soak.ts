import { run } from '../src/lab/soak/soak.ts';

process.exitCode = await run(process.argv.slice(2));
