export { run } from '../src/lab/demo.ts';
