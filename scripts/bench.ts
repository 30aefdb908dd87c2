export { run } from '../src/lab/bench/bench.ts';
