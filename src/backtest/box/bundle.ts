import { join } from 'node:path';
import { MODULE_ENDING } from '../../base/module-ending.ts';
import { oneScript } from '../../base/one-script.ts';

/** The evaluation child as one script: engine, strategy API and SES. */
export const childBundle = () => oneScript(join(import.meta.dirname, `child/child${MODULE_ENDING}`));
