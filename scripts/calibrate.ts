export { run } from '../src/lab/calibrate/verb.ts';
