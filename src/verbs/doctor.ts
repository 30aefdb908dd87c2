import { examine } from '../agent/doctor/examine.ts';
import { probeServer } from '../agent/doctor/probe.ts';
import { reportOf } from '../agent/doctor/report.ts';
import { print, printJson, progress } from '../base/draw/terminal.ts';
import { EXIT } from '../base/errors.ts';
import { secret } from '../base/secrets.ts';
import { readRalphConfig } from '../loop/config.ts';
import { configFile } from './config-file.ts';
import type { Handler } from './table/table.ts';

/** Examines the model server of ralph.yaml; RALPH_BASE_URL, RALPH_MODEL and RALPH_API_KEY override it. Exit 1 when no run can start against it. */
export const doctor: Handler<'doctor'> = async ({ short, config, json }) => {
  const settings = readRalphConfig(configFile(config, 'ralph.yaml'), process.env);
  const endpoint = { ...settings.endpoint, apiKey: secret('RALPH_API_KEY') ?? '' };
  if (short) {
    const capabilities = await probeServer(endpoint);
    const { model, calls, window = 'unknown' } = capabilities;
    if (json) printJson({ runnable: true, capabilities });
    else print(`${model} at ${endpoint.baseUrl} ${calls ? 'calls tools' : 'writes blocks'}; window ${window}`);
    return EXIT.done;
  }
  const show = progress();
  const diagnosis = await examine(endpoint, new AbortController().signal, (title, place) =>
    show(`${place} ${title} …`),
  );
  show();
  const { server, model, contextTokens, wire, runnable, checks } = diagnosis;
  if (json) printJson({ server, model, contextTokens, wire, runnable, checks });
  else print(reportOf(diagnosis));
  return runnable ? EXIT.done : EXIT.failed;
};
