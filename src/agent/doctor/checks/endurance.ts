import { readMetrics } from '../../client/endpoint.ts';
import type { LooseMessage } from '../../history/message.ts';
import { type Check, fail, type Patient, pass, skip, warn } from '../check.ts';
import { ECHO, orderFor } from '../instructions.ts';
import { argumentsOf, outcomeOf, talk } from '../talk.ts';

const TURNS = 20;
const MTP_OFF = 'no --speculative-config (MTP): it corrupts the prefix cache until a restart; restart vLLM';
/** Below this a cycle of 30,000 generated tokens takes more than an hour. */
const SLOW = 8;

/** What shows only over several turns of calls. */
export const ENDURANCE: readonly Check[] = [
  {
    id: 'cut',
    title: 'cut at max_tokens',
    async run(patient) {
      const heard = await talk(patient, orderFor({ text: 'word '.repeat(120) }), { maxTokens: 16 });
      if (!heard.answer) return fail(outcomeOf(heard), 'cut answers end in errors', 'vLLM 0.24 or newer');
      if (argumentsOf(heard).length > 0)
        return fail(
          'a call that was cut arrives as if it were whole',
          'half a file could be written; the harness checks lengths and asks again',
          'vLLM 0.29; no speculative decoding',
        );
      if (heard.answer.finish === 'length') return pass('finish_reason says length');
      return warn(
        `finish_reason says ${heard.answer.finish} for a cut answer`,
        'none: cut answers are told by their token count and are never run',
        'none released; keep sampling.maxTokens large',
      );
    },
  },
  {
    id: 'tool-error',
    title: 'recovers from a tool error',
    async run(patient) {
      const first = orderFor({ text: 'first' });
      const history: LooseMessage[] = [
        { role: 'user', content: first },
        ...calledWith(0, { text: 'first' }, `error: "first" is refused. \n${orderFor({ text: 'second' })}`),
      ];
      const heard = await talk(patient, history);
      if (argumentsOf(heard)[0]?.text === 'second') return pass('does what the error says');
      if (argumentsOf(heard)[0]?.text === 'first')
        return fail(
          'repeats the call that failed',
          'sessions go in circles until the repeat guard ends them',
          'sampling.presencePenalty 0.5 to 1; temperature 0.6',
        );
      return fail(
        outcomeOf(heard),
        'an error costs several turns',
        '--chat-template vllm/qwen3-tools.jinja; temperature 0.6',
      );
    },
  },
  {
    id: 'twenty-turns',
    title: `${TURNS} turns in a row`,
    async run(patient) {
      const texts = Array.from({ length: TURNS }, (_, i) => `step ${i + 1}`);
      const history: LooseMessage[] = [
        {
          role: 'user',
          content: `Do these one by one, one call in each answer.\n${texts.map((text) => orderFor({ text })).join('\n')}`,
        },
      ];
      let wrong = 0;
      let last = '';
      for (const [i, text] of texts.entries()) {
        const heard = await talk(patient, history);
        if (argumentsOf(heard)[0]?.text !== text) {
          wrong += 1;
          last = `turn ${i + 1}: ${outcomeOf(heard)}`;
        }
        if (wrong > 3) break;
        history.push(...calledWith(i, { text }, text));
      }
      // A call with a known answer, in a fresh conversation: does the damage outlive the session?
      const canary = await talk(patient, orderFor({ text: 'canary' }));
      if (argumentsOf(canary)[0]?.text !== 'canary')
        return fail(
          `fresh conversations fail too now: ${outcomeOf(canary)}`,
          'every cycle fails until the server is restarted',
          MTP_OFF,
        );
      if (wrong === 0) return pass('every call as told');
      if (wrong === 1) return warn(`one slip: ${last}`, 'a turn more now and then', 'temperature 0.6');
      return fail(
        `${wrong} wrong: ${last}`,
        'long sessions drift',
        '--chat-template vllm/qwen3-tools.jinja; official weights rather than distilled ones; no MTP',
      );
    },
  },
];

/** What a run pays for, whatever the wire. */
export const PACE: readonly Check[] = [
  { id: 'prefix-cache', title: 'prefix cache', run: prefixCache },
  {
    id: 'speed',
    title: 'speed',
    async run({ speed }) {
      if (speed === null) return skip('no answer was long enough');
      const shown = `${speed.toFixed(0)} tokens a second`;
      return speed >= SLOW
        ? pass(shown)
        : warn(
            shown,
            'a cycle takes an hour or more on the tools wire, and some minutes on blocks',
            'a smaller model or an Int4 quantisation; see the profiles of vllm/serve.sh',
          );
    },
  },
];

async function prefixCache(patient: Patient) {
  // Without tools a model is small and slow, and a short prompt has to do.
  const lines = patient.record.calls === false ? 30 : 400;
  const long = Array.from({ length: lines }, (_, i) => `Note ${i}: nothing to do here, read on.`).join('\n');
  const maxTokens = patient.record.calls === false ? 8 : undefined;
  const before = await readMetrics(patient.endpoint, patient.signal);
  const first = await talk(patient, `${long}\n${orderFor({ text: 'one' })}`, { maxTokens });
  const second = await talk(patient, `${long}\n${orderFor({ text: 'two' })}`, { maxTokens });
  const after = await readMetrics(patient.endpoint, patient.signal);
  if (!first.answer || !second.answer)
    return fail(outcomeOf(first.answer ? second : first), 'long prompts fail', '--max-model-len');
  const usage = second.answer.usage;
  const byUsage = usage?.cached ? usage.cached / Math.max(1, usage.prompt) : 0;
  const byMetrics = before && after && usage ? (after.prefixHits - before.prefixHits) / Math.max(1, usage.prompt) : 0;
  const share = Math.max(byUsage, byMetrics);
  if (share > 0.5) return pass(`${Math.round(Math.min(1, share) * 100)}% of a repeated prompt came from the cache`);
  const faster = second.milliseconds < first.milliseconds * 0.6;
  if (faster && !after)
    return pass(
      `the second prompt took ${Math.round((100 * second.milliseconds) / first.milliseconds)}% of the first's time`,
    );
  return fail(
    `${Math.round(share * 100)}% of a repeated prompt came from the cache`,
    'the whole history is computed again on every turn: several times slower',
    '--enable-prefix-caching',
  );
}

function calledWith(i: number, args: object, result: string): LooseMessage[] {
  const id = `p${i}`;
  return [
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id, type: 'function', function: { name: ECHO.name, arguments: JSON.stringify(args) } }],
    },
    { role: 'tool', tool_call_id: id, content: result },
  ];
}
