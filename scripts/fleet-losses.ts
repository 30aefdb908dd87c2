import { LOSSES, losses } from '../src/lab/fleet/losses.ts';
import { runScript } from '../src/verbs/table/parse.ts';

await runScript('fleet-losses', LOSSES, losses);
