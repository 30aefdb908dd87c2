import { sharedLength } from '../../history/prefix.ts';
import { type Check, fail, pass, warn } from '../check.ts';
import { orderFor, TOGETHER } from '../instructions.ts';
import { argumentsOf, outcomeOf, talk } from '../talk.ts';

const PARSER =
  '--enable-auto-tool-choice and --tool-call-parser qwen3_xml (Qwen3-Coder, 3.5 and later) or hermes (Qwen3)';
const DAMAGE = 'files arrive changed; every write costs a second look, some a second turn';
const TRIES = 4;

// A page of code with everything that parsers trip over: quotes, tags, indentation, backslashes, template strings.
const CODE = Array.from(
  { length: 40 },
  (_, i) =>
    `  if (now.level${i} > ${i} && "a</b>" !== \`\${p.x}\`) { now.target(${i % 2 ? -1 : 1}, { stop: now.close * 0.9${i} }); } // ${'\\'}n`,
).join('\n');

/** Does a call come back as a call; where it does not, sessions ask for blocks. */
export const CALL: Check = {
  id: 'call',
  title: 'one call',
  async run(patient) {
    const { record } = patient;
    record.calls = false;
    let last = '';
    let said = '';
    for (let i = 0; i < TRIES; i++) {
      const heard = await talk(patient, orderFor({ text: 'ready' }), { stream: i % 2 === 0, maxTokens: 300 });
      if (heard.fault?.kind === 'extras' || heard.fault?.kind === 'refused') record.extras = false;
      last = outcomeOf(heard);
      // The same words twice: it will not say anything else.
      if (heard.turn?.class === 'OK_TEXT' && heard.answer?.content === said) break;
      said = heard.answer?.content ?? said;
      if (argumentsOf(heard)[0]?.text !== 'ready') continue;
      record.extras ??= true;
      if (heard.turn?.class === 'SALVAGED') {
        last = 'the call was left in the text';
        continue;
      }
      record.calls = true;
      if (!record.extras)
        return warn(
          'fields beyond OpenAI are refused',
          'no top_k, no thinking switch, no thinking kept between turns',
          'vLLM 0.24 or newer',
        );
      return pass('called as told');
    }
    return fail(
      `no call in up to ${TRIES} tries: ${last}`,
      'sessions ask for blocks of code instead of calls: about as many cycles reach a backtest, with fewer ideas to look things up',
      PARSER,
    );
  },
};

/** Do arguments arrive as they were written. */
export const CALLS: readonly Check[] = [
  {
    id: 'stream',
    title: 'streamed calls',
    async run(patient) {
      const order = orderFor({ text: 'streamed', times: 2 });
      let heard = await talk(patient, order);
      const arrived = () => {
        const [args] = argumentsOf(heard);
        return args?.text === 'streamed' && args.times === 2;
      };
      if (!arrived()) heard = await talk(patient, order);
      if (arrived())
        return heard.answer?.usage
          ? pass('call and usage arrive')
          : warn(
              'no usage in the stream',
              'budgets are kept by estimate',
              'a server that honours stream_options.include_usage',
            );
      const plain = await talk(patient, order, { stream: false });
      const works = argumentsOf(plain)[0]?.text === 'streamed';
      patient.record.stream = !works;
      return fail(
        `broken: ${outcomeOf(heard)}${works ? '; without streaming it works' : ''}`,
        'every request is sent without streaming: loops are seen late, timeouts are coarse',
        'vLLM 0.24 or newer; no speculative decoding (MTP, ngram)',
      );
    },
  },
  {
    id: 'two-calls',
    title: 'two calls at once',
    async run(patient) {
      const wanted = ['left', 'right'];
      const heard = await talk(patient, `${wanted.map((text) => orderFor({ text })).join('\n')}\n${TOGETHER}`);
      const got = argumentsOf(heard).map(({ text }) => text);
      if (wanted.every((text, i) => got[i] === text)) return pass('both arrive, in order');
      if (got.length === 1 && got[0] === 'left' && heard.turn?.calls.length === 1)
        return warn(
          'made one after the other',
          'a turn more here and there',
          'nothing: some models prefer single calls',
        );
      return fail(
        outcomeOf(heard),
        'parallel calls are lost or mixed up, and asked for again',
        'vLLM 0.24 or newer; no speculative decoding',
      );
    },
  },
  echo(
    'whitespace',
    'white space kept',
    '  indented\n\treturn 1;\n\n',
    'vLLM 0.26 or newer keeps parameter white space',
  ),
  echo(
    'unicode',
    'unicode kept',
    'Größe ≥ 3 € — 日本語 🙂',
    'the tokenizer that belongs to the weights; no lossy proxy in between',
  ),
  echo(
    'long-code',
    'long argument with code',
    CODE,
    'vLLM 0.26 or newer; no speculative decoding; --max-model-len large enough',
  ),
];

function echo(id: string, title: string, text: string, cure: string): Check {
  return {
    id,
    title,
    async run(patient) {
      const heard = await talk(patient, orderFor({ text }), { maxTokens: 6000 });
      const got = argumentsOf(heard)[0]?.text;
      const { usage } = heard.answer ?? {};
      if (usage && usage.completion > 200) patient.speed = (1000 * usage.completion) / heard.milliseconds;
      if (got === text) return pass(`${text.length} characters arrive byte for byte`);
      if (typeof got !== 'string') return fail(outcomeOf(heard), DAMAGE, cure);
      return fail(
        `sent ${text.length} characters, ${got.length} came, first difference at ${sharedLength(text, got)}`,
        DAMAGE,
        cure,
      );
    },
  };
}
