import { countTokens } from '../../client/endpoint.ts';
import { normalise } from '../../history/normalise.ts';
import { type Check, fail, pass, skip, warn } from '../check.ts';
import { orderFor } from '../instructions.ts';
import { argumentsOf, outcomeOf, talk } from '../talk.ts';

/** Where thinking goes, and whether it is kept. */
export const THINKING: readonly Check[] = [
  {
    id: 'reasoning',
    title: 'thinking apart from text',
    async run(patient) {
      const heard = await talk(patient, `What is 17 + 25? Think, then do this.\n${orderFor({ text: '42' })}`, {
        thinking: true,
      });
      const answer = heard.answer;
      if (!answer) return fail(outcomeOf(heard), 'turns with thinking fail', '--reasoning-parser qwen3');
      if (/<\/?think>/.test(answer.content))
        return fail(
          'thinking arrives in the text',
          'thinking is taken for an answer, calls inside it are lost',
          '--reasoning-parser qwen3 (not optional on Qwen3.5 and later)',
        );
      if (argumentsOf(heard)[0]?.text !== '42')
        return fail(
          `no call after thinking: ${outcomeOf(heard)}`,
          'turns end without an act and are drawn again',
          'temperature 0.6; vLLM 0.24 or newer; or sampling.thinking: false',
        );
      if (answer.reasoning === '')
        return warn(
          'the model did not think',
          'nothing, if it is a model without thinking',
          'sampling.thinking: true and a thinking model',
        );
      return pass(`${answer.reasoning.length} characters of thinking, then the call`);
    },
  },
  {
    id: 'reasoning-echo',
    title: 'thinking kept in history',
    async run({ endpoint, model, record, signal }) {
      const call = [{ id: 'a', type: 'function', function: { name: 'probe_echo', arguments: '{"text":"x"}' } }];
      const reasoning = 'one two three four five six seven eight nine ten eleven twelve';
      const turns = normalise(
        [
          { role: 'user', content: 'q' },
          { role: 'assistant', tool_calls: call, reasoning },
          { role: 'tool', tool_call_id: 'a', content: 'x' },
        ],
        { system: '', task: 'q' },
      );
      const count = async (change: object) => {
        const messages = turns.map((turn) => (turn.role === 'assistant' ? { ...turn, ...change } : turn));
        return (await countTokens(endpoint, { model, messages, tools: [] }, signal))?.count ?? null;
      };
      const none = await count({ reasoning: undefined, reasoning_content: undefined });
      record.tokenize = none !== null;
      if (none === null) return skip('no /tokenize: prompt sizes are estimated');
      const [current, older] = [await count({ reasoning_content: undefined }), await count({ reasoning: undefined })];
      if ((current ?? 0) > none + 5) return pass('read from `reasoning`');
      if ((older ?? 0) > none + 5) return pass('read from `reasoning_content`');
      return fail(
        'the template prints no thinking of earlier turns',
        'the model stops thinking after its first call, and its calls drift',
        '--chat-template vllm/qwen3-tools.jinja',
      );
    },
  },
];
