import { setGlobalProxyFromEnv } from 'node:http';

/** A model on this machine is asked directly, whatever proxy there is. */
const LOCAL = ['localhost', '127.0.0.1', '::1'];

/** The proxies and the certificates of `env` in the form that Node reads at its start; nothing else of it. */
export function networkEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const given = (name: string) => env[name.toLowerCase()] || env[name];
  const [http, https, none] = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'].map(given);
  const { NODE_EXTRA_CA_CERTS } = env;
  const proxies =
    http || https ? { NODE_USE_ENV_PROXY: '1', NO_PROXY: [none, ...LOCAL].filter(Boolean).join(',') } : {};
  const all = { ...proxies, HTTP_PROXY: http, HTTPS_PROXY: https, NODE_EXTRA_CA_CERTS };
  return Object.fromEntries(Object.entries(all).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

let set = false;

/** Sends the requests of this process through the proxies of its environment, too. */
export function useProxies(): void {
  if (set) return;
  set = true;
  const { HTTP_PROXY, HTTPS_PROXY, NO_PROXY } = networkEnvironment(process.env);
  if (HTTP_PROXY || HTTPS_PROXY) setGlobalProxyFromEnv({ HTTP_PROXY, HTTPS_PROXY, NO_PROXY });
}
