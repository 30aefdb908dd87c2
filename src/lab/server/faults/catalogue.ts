import type { FaultMode } from '../fault-mode.ts';
import { ARGUMENT_FAULTS } from './arguments.ts';
import { ENDING_FAULTS } from './endings.ts';
import { ENGINE_FAULTS } from './engine.ts';
import { NAME_FAULTS } from './names.ts';
import { REFUSAL_FAULTS } from './refusals.ts';
import { STREAM_FAULTS } from './stream.ts';
import { TEXT_FAULTS } from './text.ts';

/** Every fault the server can inject, in the order of the catalogue. */
export const FAULTS: readonly FaultMode[] = [
  ...TEXT_FAULTS,
  ...ARGUMENT_FAULTS,
  ...ENDING_FAULTS,
  ...NAME_FAULTS,
  ...STREAM_FAULTS,
  ...REFUSAL_FAULTS,
  ...ENGINE_FAULTS,
].sort((a, b) => a.id.localeCompare(b.id));

/** Their ids, for `--faults` and for tests. */
export const FAULT_IDS: readonly string[] = FAULTS.map(({ id }) => id);
