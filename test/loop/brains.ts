export { PLAIN, steadyWriter, strategySource, writer } from '../../src/lab/scripted/writer.ts';
