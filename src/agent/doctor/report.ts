import { table } from '../../base/draw/terminal.ts';
import { type Diagnosis, NOT_REACHED } from './examine.ts';

/** A diagnosis as text: the table, then for everything that is not well what it costs and what cures it. */
export function reportOf(diagnosis: Diagnosis): string {
  const { checks, endpoint, model, server, version, runnable, healthy, wire, why, contextTokens } = diagnosis;
  const reached = checks.filter(({ detail }) => detail !== NOT_REACHED);
  const rows = reached.map(({ status, title, detail }) => [status, title, clip(detail, 90)]);
  const ill = checks.filter(({ status }) => status === 'fail' || status === 'warn');
  const advice = ill.map(({ status, title, cost, cure }) => `${status} ${title}\n  costs: ${cost}\n  cure:  ${cure}`);
  const name = { vllm: 'vLLM', other: 'an OpenAI-compatible server' }[server as string] ?? server;
  const verdict = !runnable
    ? 'No run can start against this server.'
    : healthy
      ? 'This server is fit for a run.'
      : 'A run can start; the harness works around what failed, at the cost named.';
  return [
    `${model ?? 'no model'} at ${endpoint}${name ? `, ${name}` : ''}${version ? ` ${version}` : ''}`,
    ...(runnable ? [`wire: ${wire} (${clip(why, 90)}); window: ${contextTokens ?? 'unknown'} tokens`] : []),
    '',
    table(['', 'check', 'found'], rows),
    ...(reached.length < checks.length ? [`${checks.length - reached.length} more checks were not reached`] : []),
    ...(advice.length > 0 ? ['', ...advice] : []),
    '',
    verdict,
  ].join('\n');
}

function clip(text: string, length: number): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}
