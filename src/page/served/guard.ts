import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';

/**
 * Why a request is refused, or null. The path begins with the token; Host must be a name of this machine (against DNS rebinding); Origin,
 * which an action needs, must be ours.
 */
export function refusal(request: IncomingMessage, token: string): string | null {
  const { host = '', origin } = request.headers;
  if (!isOwnName(nameOf(host))) return `Host "${host.slice(0, 80)}" is not a name of this machine`;
  if (origin === undefined ? request.method !== 'GET' : origin !== `http://${host}`)
    return 'the request comes from another page (Origin)';
  const [, given = ''] = (request.url ?? '').split('/', 2);
  if (!same(given, token)) return 'the address lacks the right token: use the address that Ralph printed';
  return null;
}

function nameOf(host: string): string {
  return host
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
}

function isOwnName(name: string): boolean {
  const own = hostname().toLowerCase();
  if (['localhost', own, `${own}.local`, own.split('.')[0]].includes(name)) return true;
  if (isIP(name) === 0) return false;
  return Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === name));
}

/** An address of this machine that others can reach; localhost where it has none. */
export function outerAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? 'localhost';
}

/** Takes the same time whatever the texts are. */
function same(given: string, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
