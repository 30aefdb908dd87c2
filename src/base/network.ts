import { setGlobalProxyFromEnv } from 'node:http';

/** A model on this machine is asked directly, whatever proxy there is. */
const LOCAL = ['localhost', '127.0.0.1', '::1'];

/** The proxies and the certificates of `env` in the form that Node reads at its start; nothing else of it. */
export function networkEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const given = (name: string) => env[name.toLowerCase()] || env[name];
  const [http, https, none] = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'].map(given);
  const proxies: Record<string, string> =
    http || https ? { NODE_USE_ENV_PROXY: '1', NO_PROXY: [none, ...LOCAL].filter(Boolean).join(',') } : {};
  return {
    ...proxies,
    ...(http ? { HTTP_PROXY: http } : {}),
    ...(https ? { HTTPS_PROXY: https } : {}),
    ...(env.NODE_EXTRA_CA_CERTS ? { NODE_EXTRA_CA_CERTS: env.NODE_EXTRA_CA_CERTS } : {}),
  };
}

let set = false;

/** Sends the requests of this process through the proxies of its environment, too. */
export function useProxies(): void {
  if (set) return;
  set = true;
  const { HTTP_PROXY, HTTPS_PROXY, NO_PROXY } = networkEnvironment(process.env);
  if (HTTP_PROXY || HTTPS_PROXY) setGlobalProxyFromEnv({ HTTP_PROXY, HTTPS_PROXY, NO_PROXY });
}
