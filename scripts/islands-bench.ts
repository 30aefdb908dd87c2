import { ISLANDS_BENCH, islandsBench } from '../src/lab/bench/fleet/islands.ts';
import { runScript } from '../src/verbs/table/parse.ts';

await runScript('islands-bench', ISLANDS_BENCH, islandsBench);
