import { messageOf, RalphError } from '../base/errors.ts';
import { isLost, isUnreachable } from '../market/explain.ts';
import { WorldFault } from './world-fault.ts';

/** A database that is down or full of clients is a fault of the world; any other error is handed back as it is. */
export function asDatabaseFault(thrown: unknown): unknown {
  for (let at: unknown = thrown, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (at instanceof RalphError) continue;
    if (isLost(at) || isUnreachable(at) || (at as NodeJS.ErrnoException).code === '53300')
      return new WorldFault('database_down', 'the database', messageOf(thrown), { cause: thrown });
  }
  return thrown;
}
