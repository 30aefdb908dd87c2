import { complete } from '../../client/complete.ts';
import { faultOf } from '../../client/fault.ts';
import { type Check, fail, type Patient, pass, skip } from '../check.ts';
import { BLOCK_ORDER, BLOCK_WANTED } from '../instructions.ts';

const TRIES = 2;
const IDLE_MS = 120_000;

/** Whether the model can be driven without tool calls: it answers a plain message with one fenced block. */
export const BLOCKS: Check = {
  id: 'blocks',
  title: 'one block of code',
  async run(patient) {
    if (patient.record.calls) return skip('tools are called, blocks are not needed');
    let last = '';
    for (let i = 0; i < TRIES; i++) {
      last = await askPlainly(patient, BLOCK_ORDER);
      const code = /```[a-z]*\n([\s\S]*?)```/.exec(last)?.[1];
      if (code?.includes(BLOCK_WANTED)) return pass('code comes in a fenced block: the blocks wire works');
    }
    return fail(
      `no fenced block in ${TRIES} tries, but: ${last.slice(0, 100)}`,
      'no cycle can run',
      'a larger model, or one trained to follow instructions (its name ends in Instruct or Chat)',
    );
  },
};

async function askPlainly(patient: Patient, content: string): Promise<string> {
  const body = {
    model: patient.model,
    messages: [{ role: 'user', content }],
    temperature: 0.6,
    max_tokens: 200,
    stream: false,
  };
  const began = performance.now();
  try {
    const answer = await complete(patient.client, body, { idleMs: IDLE_MS, signal: patient.signal });
    const tokens = answer.usage?.completion ?? 0;
    if (tokens > 10) patient.speed ??= (1000 * tokens) / (performance.now() - began);
    return answer.content;
  } catch (thrown) {
    const fault = faultOf(thrown, false);
    if (fault.kind === 'aborted') throw thrown;
    return fault.message;
  }
}
