export { run } from '../src/lab/model.ts';
