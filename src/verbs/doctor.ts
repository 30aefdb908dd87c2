import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { examine } from '../agent/doctor/examine.ts';
import { probeServer } from '../agent/doctor/probe.ts';
import { reportOf } from '../agent/doctor/report.ts';
import { EXIT, type ExitCode } from '../base/errors.ts';
import { print, printJson, progress } from '../base/terminal.ts';
import { readRalphConfig } from '../loop/config.ts';

/**
 * `ralph doctor [--short] [--json] [--config DIR]`: examines the model server of config/ralph.yaml. RALPH_BASE_URL,
 * RALPH_MODEL and RALPH_API_KEY override it. Exit 1 when anything failed.
 */
export async function run(args: string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args,
    options: {
      short: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      config: { type: 'string' },
    },
  });
  const folder = values.config ?? join(import.meta.dirname, '../../config');
  const config = readRalphConfig(join(folder, 'ralph.yaml'), process.env);
  const endpoint = { ...config.endpoint, apiKey: process.env.RALPH_API_KEY ?? '' };
  if (values.short) {
    const capabilities = await probeServer(endpoint);
    if (values.json) printJson({ usable: true, capabilities });
    else print(`${capabilities.model} at ${endpoint.baseUrl} calls tools; window ${capabilities.window ?? 'unknown'}`);
    return EXIT.done;
  }
  const show = progress();
  const diagnosis = await examine(endpoint, new AbortController().signal, ({ status, title }) =>
    show(`${status} ${title}`),
  );
  show();
  if (values.json) printJson(diagnosis);
  else print(reportOf(diagnosis));
  return diagnosis.usable && diagnosis.healthy ? EXIT.done : EXIT.failed;
}
