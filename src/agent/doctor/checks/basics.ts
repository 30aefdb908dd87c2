import { getPath, listModels } from '../../client/endpoint.ts';
import { faultOf } from '../../client/fault.ts';
import { type Check, fail, pass, warn } from '../check.ts';

const START = 'start it with vllm/serve.sh, or set endpoint.baseUrl in config/ralph.yaml (it ends in /v1)';
/** A brief of 6,000 tokens, an answer of 8,192 and room for a dozen turns. */
const ENOUGH_WINDOW = 24_000;

/** Is there a server, and which. */
export const BASICS: readonly Check[] = [
  {
    id: 'health',
    title: 'the server is up',
    vital: true,
    async run({ endpoint, signal }) {
      try {
        const { status } = await getPath(endpoint, '/health', signal);
        if (status === 200) return pass('/health answers 200');
        if (status === 503)
          return fail(
            '/health answers 503: the engine is dead',
            'no cycle can run',
            'restart vLLM; vllm/ralph-vllm.service does so by itself',
          );
        return pass(`no /health (${status}); not a vLLM, but somebody answers`);
      } catch (thrown) {
        return fail(
          `nobody answers at ${endpoint.baseUrl}: ${faultOf(thrown, false).message}`,
          'no cycle can run',
          START,
        );
      }
    },
  },
  {
    id: 'version',
    title: 'version',
    async run(patient) {
      const { status, text } = await getPath(patient.endpoint, '/version', patient.signal).catch(() => ({
        status: 0,
        text: '',
      }));
      patient.version = status === 200 ? (/"version"\s*:\s*"([^"]+)"/.exec(text)?.[1] ?? null) : null;
      if (patient.version === null)
        return warn('no /version', 'known faults of old versions cannot be told', 'serve with vLLM 0.29');
      const [major, minor] = patient.version.split('.').map(Number);
      const age = major * 1000 + minor;
      if (age < 24)
        return fail(
          `vLLM ${patient.version}`,
          'calls left in thinking, split parameters, lost parallel calls: many turns asked twice',
          'pip install vllm==0.29.*',
        );
      if (age < 26)
        return warn(
          `vLLM ${patient.version}`,
          'indentation and last line break of long arguments are stripped',
          'pip install vllm==0.29.*',
        );
      return pass(`vLLM ${patient.version}`);
    },
  },
  {
    id: 'model',
    title: 'model',
    vital: true,
    async run(patient) {
      const { endpoint, signal } = patient;
      try {
        const models = await listModels(endpoint, signal);
        const names = models.map(({ id }) => id).join(', ');
        const model = endpoint.model ? models.find(({ id }) => id === endpoint.model) : models[0];
        if (!model)
          return fail(
            `"${endpoint.model}" is not served; served: ${names || 'nothing'}`,
            'no cycle can run',
            '--served-model-name, or endpoint.model in config/ralph.yaml',
          );
        patient.model = model.id;
        patient.record.model = model.id;
        if (model.window !== null) patient.record.window = model.window;
        return pass(model.id + (models.length > 1 ? ` (of ${names})` : ''));
      } catch (thrown) {
        const status = (thrown as { status?: number }).status;
        const why = status === 401 || status === 403 ? 'the key is refused; set RALPH_API_KEY' : START;
        return fail(`no list of models: ${faultOf(thrown, false).message}`, 'no cycle can run', why);
      }
    },
  },
  {
    id: 'window',
    title: 'context window',
    async run({ record }) {
      if (!record.window)
        return warn(
          'the server does not say',
          'session.contextTokens of config/ralph.yaml is assumed',
          'a server that gives max_model_len in /v1/models',
        );
      if (record.window < ENOUGH_WINDOW)
        return fail(
          `${record.window} tokens`,
          'histories are compacted every few turns, each time at the price of the prefix cache',
          '--max-model-len 32768 or more, with --kv-cache-dtype fp8 if memory is short',
        );
      return pass(`${record.window} tokens`);
    },
  },
];
