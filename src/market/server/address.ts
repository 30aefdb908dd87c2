import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type pg from 'pg';
import { attempt } from '../../base/attempt.ts';
import { messageOf, type RalphError, UsageError } from '../../base/errors.ts';

/** How to reach a server. */
export interface Address {
  readonly config: pg.ClientConfig;
  /** Encryption to try, in this order: false for none. */
  readonly ways: readonly (ConnectionOptions | false)[];
}

const MODES = ['disable', 'allow', 'prefer', 'require', 'no-verify', 'verify-ca', 'verify-full'] as const;
type Mode = (typeof MODES)[number];

/** Parameters of a connection string that have a meaning here. */
const USED = `sslmode sslrootcert sslcert sslkey host port user password dbname application_name connect_timeout
  options`.split(/\s+/);
/** Parameters of libpq that change nothing for Ralph. */
const IGNORED = /^(channel_binding|gss\w+|keepalives\w*|target_session_attrs|sslnegotiation|sslcompression|pgbouncer)$/;

/**
 * Reads DATABASE_URL as libpq does, but takes @ # / and ? in a password as they are, too. Throws RalphError (exit 2) that never
 * shows the string.
 */
export function parseAddress(url: string): Address {
  const [, rest] = /^postgres(?:ql)?:\/\/(.*)$/s.exec(url.trim()) ?? [];
  if (rest === undefined) throw bad('DATABASE_URL is no connection string');
  const { user, password, place, query } = partsOf(rest);
  const [, host = '', port, database] = /^(\[[^\]]*\]|[^:/]*)(?::(\d+))?(?:\/(.*))?$/s.exec(place) ?? [];
  if (place !== '' && host === '' && database === undefined) throw bad('DATABASE_URL does not name a host');
  if (host.includes(',')) throw bad('DATABASE_URL names several hosts; Ralph takes one');
  const given = parametersOf(query);
  const said = (name: string, own: string | undefined) => given.get(name) ?? (own === '' ? undefined : own);
  const numbered = said('port', port);
  const seconds = Number(given.get('connect_timeout') ?? 60) || 60;
  const options = given.get('options');
  const server = said('host', decoded(host).replace(/^\[(.*)\]$/, '$1'));
  return {
    config: {
      host: server,
      port: numbered === undefined ? undefined : Number(numbered),
      user: said('user', user),
      password: said('password', password),
      database: said('dbname', database && decoded(database)),
      application_name: given.get('application_name'),
      connectionTimeoutMillis: seconds * 1000,
      ...(options !== undefined && { options }),
    },
    ways: server?.startsWith('/') ? [false] : waysOf(given, server),
  };
}

/** Host, port and database of a connection string, without user and password. */
export function placeOf(url: string): string {
  const address = attempt(() => parseAddress(url).config);
  if (!address) return 'DATABASE_URL';
  const { host = 'localhost', port = 5432, database = '' } = address;
  return `${host.includes(':') ? `[${host}]` : host}:${port}/${database}`;
}

/** The last @ ends user and password; a trailing ?name=value is the query unless the only @ lies behind it. */
function partsOf(rest: string) {
  const asked = /\?(?:\w+=[^?#]*)?$/.exec(rest);
  const before = asked ? rest.slice(0, asked.index) : rest;
  const queried = asked !== null && (before.includes('@') || !rest.includes('@'));
  const main = queried ? before : rest;
  const at = main.lastIndexOf('@');
  const who = main.slice(0, Math.max(0, at));
  const colon = who.indexOf(':');
  return {
    user: decoded(colon < 0 ? who : who.slice(0, colon)),
    password: colon < 0 ? '' : decoded(who.slice(colon + 1)),
    place: main.slice(at + 1),
    query: queried ? rest.slice(asked.index + 1) : '',
  };
}

function parametersOf(query: string): Map<string, string> {
  const given = new Map(new URLSearchParams(query));
  for (const name of given.keys()) {
    if (USED.includes(name) || IGNORED.test(name)) continue;
    throw bad(`DATABASE_URL has the parameter ${name}, which Ralph does not know`, `It knows ${USED.join(', ')}.`);
  }
  return given;
}

/** What libpq does for each sslmode; without one it is `prefer`, and on this very machine `allow`. */
function waysOf(given: ReadonlyMap<string, string>, host: string | undefined): Address['ways'] {
  const mode = (given.get('sslmode') ??
    (process.env.PGSSLMODE || (LOOPBACK.test(host ?? 'localhost') ? 'allow' : 'prefer'))) as Mode;
  if (!MODES.includes(mode)) throw bad(`sslmode "${mode}" is unknown`, `Choose from ${MODES.join(', ')}.`);
  if (mode === 'disable') return [false];
  const read = (name: string) => {
    const path = given.get(name);
    if (path === undefined || path === 'system') return undefined;
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      throw bad(`${name} of DATABASE_URL cannot be read: ${messageOf(error)}`, 'Correct its path.');
    }
  };
  const ca = read('sslrootcert');
  const named = host && !/^[\d.]+$|:/.test(host) && { servername: host };
  const own = { cert: read('sslcert'), key: read('sslkey'), ...(named || {}) };
  const open = { ...own, rejectUnauthorized: false };
  const issued = { ...own, ca, rejectUnauthorized: true, checkServerIdentity: () => undefined };
  if (mode === 'allow') return [false, open];
  if (mode === 'prefer') return [open, false];
  if (mode === 'verify-full') return [{ ...own, ca, rejectUnauthorized: true }];
  if (mode === 'verify-ca' || (mode === 'require' && ca !== undefined)) return [issued];
  return [open];
}

const LOOPBACK = /^(localhost|127\..*|::1)$/;

/** A % that begins no code stands for itself. */
function decoded(text: string): string {
  return attempt(() => decodeURIComponent(text)) ?? text;
}

const SHAPE = 'Write it like postgres://user:password@host:5432/database, or unset it for the embedded database.';

function bad(message: string, remedy = SHAPE): RalphError {
  return new UsageError(message, { remedy });
}
