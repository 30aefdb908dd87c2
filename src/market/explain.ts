import { messageOf, RalphError } from '../base/errors.ts';
import { placeOf } from './server/address.ts';

/** Limits of a role or server that end a statement or a transaction, by the code of the error. */
const LIMITS: Readonly<Record<string, string>> = {
  '57014': 'statement_timeout',
  '55P03': 'lock_timeout',
  '25P03': 'idle_in_transaction_session_timeout',
  '25P04': 'transaction_timeout',
};

const TLS = /\bSSL\b|certificate|\bTLS\b|no encryption|ERR_TLS|UNABLE_TO_/i;

/** Turns an error of pg or of the network into one that says what happened and what to do. Any other is handed back as it is. */
export function explainDatabaseError(error: unknown, url: string): unknown {
  if (error instanceof RalphError) return error;
  const where = placeOf(url);
  const { code } = error as { code?: string };
  const message = messageOf(error);
  const say = (what: string, remedy: string) =>
    new RalphError(`${what.replace('HERE', () => `at ${where}`)}: ${message}`, { remedy, cause: error });
  if (/must be preloaded/.test(message))
    return say(
      'the TimescaleDB HERE is installed and not loaded',
      "Add timescaledb to shared_preload_libraries in the server's postgresql.conf and restart it; or unset DATABASE_URL for the embedded database.",
    );
  if (message.startsWith('timescaledb is not installed'))
    return say(
      'the database server HERE has no TimescaleDB',
      'Use the image timescale/timescaledb-ha:pg17 (config/compose.yaml), or install the package timescaledb-2-postgresql-17 of packagecloud.io/timescale, add timescaledb to shared_preload_libraries, restart; or unset DATABASE_URL for the embedded database.',
    );
  if (/not supported under the current "\w+" license/.test(message))
    return say(
      'the TimescaleDB HERE lacks its community module',
      "Ralph's tables use continuous aggregates and compression. Set timescaledb.license = 'timescale' on the server (Timescale License), or unset DATABASE_URL for the embedded database; a backtest with --bars FILE needs no database.",
    );
  const limit = LIMITS[code ?? ''];
  if (limit !== undefined)
    return say(
      `the database HERE ended a statement by its ${limit}`,
      `Raise it for the user of DATABASE_URL (alter role … set ${limit} = 0), then repeat the command: what was finished is kept.`,
    );
  if (TLS.test(message) || TLS.test(code ?? ''))
    return say(
      'no encrypted connection to the database HERE',
      'Set sslmode in DATABASE_URL: disable (no encryption), require (encrypted, the certificate unchecked), verify-full with sslrootcert=FILE (the certificate is checked).',
    );
  if (code === '28P01' || code === '28000')
    return say('the database server HERE refused the user or the password', 'Correct DATABASE_URL.');
  if (code === '3D000') return say('the database server HERE', 'Create it with createdb, or correct DATABASE_URL.');
  if (code === '53300')
    return say(
      'the database HERE has no free connection',
      'End other clients, or raise max_connections or the connection limit of the role. Ralph takes up to 3, and 1 more for the ledger.',
    );
  if (code === '42501')
    return say(
      'the user of DATABASE_URL lacks a right HERE',
      'Let the owner of the object grant it, or name a user in DATABASE_URL who owns it.',
    );
  if (code === '53100' || code === 'ENOSPC' || /no space left/i.test(message))
    return say(
      'the disk of the database HERE is full',
      'Free some space and repeat the command: it goes on where it stopped.',
    );
  if (isUnreachable(error))
    return say(
      'no database answers HERE',
      'Start it (docker compose -f config/compose.yaml up -d), correct DATABASE_URL, or unset it for the embedded database.',
    );
  if (isLost(error))
    return say(
      'the connection to the database HERE was lost',
      'Repeat the command: what was finished is kept, the rest is done again.',
    );
  // neither the server's word nor the network's: a bug, whose stack must be seen
  if (code === undefined) return error;
  return say(
    `the database HERE refused (${code})`,
    'See the server log; if it is Ralph that asked wrongly, please report it.',
  );
}

/** Nothing listens there, or it does not answer in time. */
export function isUnreachable(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: string };
  if (['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH'].includes(code ?? '')) return true;
  // pg's own words carry no code; a server's do
  return code === undefined && /timeout/i.test(messageOf(error));
}

/** The connection broke off, as against refusing to begin. */
export function isLost(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: string };
  if (code === 'ECONNRESET' || code === 'EPIPE' || code?.startsWith('57P')) return true;
  return /terminated|connection.*(ended|closed)|not queryable/i.test(messageOf(error));
}
