import { bars } from './001-bars.ts';
import { aggregates } from './002-aggregates.ts';
import { reader } from './003-reader.ts';
import { compression } from './004-compression.ts';
import { trials } from './005-trials.ts';
import type { Migration } from './migration.ts';

export const MIGRATIONS: readonly Migration[] = [bars, aggregates, reader, compression, trials];
