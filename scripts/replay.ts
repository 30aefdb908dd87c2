export { run } from '../src/lab/playback/verb.ts';
