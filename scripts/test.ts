import { runTests } from '../src/lab/run-tests.ts';

runTests(process.argv.slice(2));
