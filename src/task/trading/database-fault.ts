import { messageOf } from '../../base/errors.ts';
import { isLost } from '../../market/explain.ts';
import { WorldFault } from '../task.ts';

/** Refused, unreachable, or too many connections; what a broken connection says is known to isLost. */
const DOWN = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH', '53300']);

/** A database that is down is a fault of the world; any other error is handed back as it is. */
export function asDatabaseFault(thrown: unknown): unknown {
  for (let at: unknown = thrown, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const down = isLost(at) || DOWN.has((at as NodeJS.ErrnoException).code ?? '') || /timeout/i.test(at.message);
    if (down) return new WorldFault('database_down', 'the database', messageOf(thrown), { cause: thrown });
  }
  return thrown;
}
