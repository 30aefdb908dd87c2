import { messageOf } from '../../../base/errors.ts';
import { countTokens, getPath } from '../../client/endpoint.ts';
import { errorInText } from '../../client/error-body.ts';
import { faultOf } from '../../client/fault.ts';
import { findModel, identify, ListRefused, NotServed } from '../../client/identify.ts';
import { type Check, fail, type Patient, pass, warn } from '../check.ts';

const START =
  'start it with vllm/serve.sh or another server (vllm/SERVERS.md), or set endpoint.baseUrl in config/ralph.yaml (it ends in /v1)';
/** A brief of 6,000 tokens, an answer of 8,192 and room for a dozen turns; without a conversation, a brief and an answer. */
const ENOUGH = { tools: 24_000, blocks: 7000 };

/** Is there a server, and which. */
export const BASICS: readonly Check[] = [
  {
    id: 'health',
    title: 'the server is up',
    vital: true,
    async run({ endpoint, signal }) {
      try {
        const { status, text } = await getPath(endpoint, '/health', signal);
        if (status === 200 && !text.includes('"error"')) return pass('/health answers 200');
        if (status === 503)
          return fail(
            `/health answers 503: ${errorInText(text).message || 'the engine is dead'}`,
            'no cycle can run',
            'wait while it loads; else restart it (vllm/ralph-vllm.service does so by itself)',
          );
        return pass(`no /health (${status}), but it answers`);
      } catch (thrown) {
        const why = faultOf(thrown, false).message;
        return fail(`no answer from ${endpoint.baseUrl}: ${why}`, 'no cycle can run', START);
      }
    },
  },
  {
    id: 'model',
    title: 'model',
    vital: true,
    async run(patient) {
      try {
        const model = await findModel(patient.endpoint, patient.signal);
        patient.served = model;
        patient.model = model.id;
        patient.record.model = model.id;
        return pass(model.id);
      } catch (thrown) {
        if (thrown instanceof NotServed)
          return fail(
            messageOf(thrown),
            'no cycle can run',
            '--served-model-name on the server, or endpoint.model in config/ralph.yaml',
          );
        const status = thrown instanceof ListRefused ? thrown.status : 0;
        const refused = status === 401 || status === 403 ? 'the key is refused; set RALPH_API_KEY' : START;
        const cure = status === 404 ? 'name the model: endpoint.model in config/ralph.yaml, or RALPH_MODEL' : refused;
        return fail(`no list of models: ${messageOf(thrown)}`, 'no cycle can run', cure);
      }
    },
  },
  {
    id: 'version',
    title: 'which server',
    async run(patient) {
      if (patient.served) patient.server = await identify(patient.endpoint, patient.served, patient.signal);
      const { kind = 'other', version = null } = patient.server ?? {};
      if (kind !== 'vllm') return pass(kind === 'other' ? 'an OpenAI-compatible server' : `${kind} ${version ?? ''}`);
      if (version === null)
        return warn('no /version', 'known faults of old versions cannot be told', 'serve with vLLM 0.29');
      const [major, minor] = version.split('.').map(Number);
      const age = major * 1000 + minor;
      if (age < 24)
        return fail(
          `vLLM ${version}`,
          'calls left in thinking, split parameters, lost parallel calls: many turns asked twice',
          'pip install vllm==0.29.*',
        );
      if (age < 26)
        return warn(
          `vLLM ${version}`,
          'indentation and last line break of long arguments are stripped',
          'pip install vllm==0.29.*',
        );
      return pass(`vLLM ${version}`);
    },
  },
];

/** After the calls, because Ollama tells the window of a loaded model alone, and because the wire says how much is enough. */
export const WINDOW: Check = {
  id: 'window',
  title: 'context window',
  async run(patient) {
    const { served, server, record } = patient;
    if (served && server?.kind === 'ollama') patient.server = await identify(patient.endpoint, served, patient.signal);
    const prompt = { model: patient.model, messages: [{ role: 'user', content: 'q' }], tools: [] };
    const counted = await countTokens(patient.endpoint, prompt, patient.signal);
    record.tokenize = counted !== null;
    const { window = null, trained = null } = { ...patient.server, window: patient.server?.window ?? counted?.window };
    if (window === null)
      return warn(
        'the server does not say',
        'session.contextTokens of config/ralph.yaml is assumed; a smaller one is learnt from the first refusal',
        'set session.contextTokens to the real window; vLLM says it by itself (--max-model-len)',
      );
    record.window = window;
    const of = trained !== null && trained > window ? ` of the ${trained} that the model was trained for` : '';
    const found = `${window} tokens${of}`;
    if (window < ENOUGH[wireOf(patient)])
      return fail(
        found,
        patient.server?.kind === 'ollama'
          ? 'what is longer is cut without a word: the model forgets its rules'
          : 'histories are compacted every few turns, each time at the price of the prefix cache',
        '--max-model-len 32768 or more, with --kv-cache-dtype fp8 if memory is short',
      );
    return pass(found);
  },
};

/** Tools where calls come as calls, else blocks. */
export function wireOf({ record }: Pick<Patient, 'record'>): 'tools' | 'blocks' {
  return record.calls === false ? 'blocks' : 'tools';
}
