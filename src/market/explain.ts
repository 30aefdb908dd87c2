import { EXIT, messageOf, RalphError } from '../base/errors.ts';

/** Turns an error of pg or of the network into one that says what happened and what to do. Any other is handed back as it is. */
export function explainDatabaseError(error: unknown, url: string): unknown {
  if (error instanceof RalphError) return error;
  const where = placeOf(url);
  if (!/^(postgres(ql)?|socket):/.test(url)) {
    return new RalphError('DATABASE_URL is no connection string', {
      remedy: 'Write it like postgres://user:password@host:5432/database, or unset it for the embedded database.',
      exitCode: EXIT.usage,
      cause: error,
    });
  }
  const { code } = error as { code?: string };
  const message = messageOf(error);
  const say = (what: string, remedy: string) =>
    new RalphError(`${what.replace('HERE', () => `at ${where}`)}: ${message}`, { remedy, cause: error });
  if (message.startsWith('timescaledb is not installed')) {
    return say(
      'the database server HERE has no TimescaleDB',
      'Use the image timescale/timescaledb-ha:pg17 (config/compose.yaml), or install the package timescaledb-2-postgresql-17 of packagecloud.io/timescale, add timescaledb to shared_preload_libraries, restart; or unset DATABASE_URL for the embedded database.',
    );
  }
  if (/not supported under the current "\w+" license/.test(message)) {
    return say(
      'the TimescaleDB HERE lacks its community module',
      "Ralph's tables use continuous aggregates and compression. Set timescaledb.license = 'timescale' on the server (Timescale License), or unset DATABASE_URL for the embedded database; a backtest with --bars FILE needs no database.",
    );
  }
  if (code === '28P01' || code === '28000')
    return say('the database server HERE refused the user or the password', 'Correct DATABASE_URL.');
  if (code === '3D000') return say('the database server HERE', 'Create it with createdb, or correct DATABASE_URL.');
  if (code === '53100' || code === 'ENOSPC' || /no space left/i.test(message)) {
    return say(
      'the disk of the database HERE is full',
      'Free some space and repeat the command: it goes on where it stopped.',
    );
  }
  if (['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT'].includes(code ?? '') || /timeout/i.test(message)) {
    return say(
      'no database answers HERE',
      'Start it (docker compose -f config/compose.yaml up -d), correct DATABASE_URL, or unset it for the embedded database.',
    );
  }
  if (isLost(error)) {
    return say(
      'the connection to the database HERE was lost',
      'Repeat the command: what was finished is kept, the rest is done again.',
    );
  }
  // neither the server's word nor the network's: a bug, whose stack must be seen
  if (code === undefined) return error;
  return say(
    `the database HERE refused (${code})`,
    'See the server log; if it is Ralph that asked wrongly, please report it.',
  );
}

/** The connection broke off, as against refusing to begin. */
export function isLost(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: string };
  if (code === 'ECONNRESET' || code === 'EPIPE' || code?.startsWith('57P')) return true;
  return /terminated|connection.*(ended|closed)|not queryable/i.test(messageOf(error));
}

/** Host, port and database of a connection string, without user and password. */
function placeOf(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `${host}${pathname}`;
  } catch {
    return 'DATABASE_URL';
  }
}
