import { pick, type Random, seededRandom } from '../../base/random.ts';
import type { Brain, BrainTurn } from '../server/brain.ts';
import { type Draft, vary, withSlip } from './edit-candidate.ts';
import { type ReadBrief, readBrief } from './read-brief.ts';

/** How often a fresh candidate comes with a slip, and how often a discard is answered with a second try. */
const SLIPS = 0.2;
const SECOND_TRIES = 0.5;
/** How often a session may begin again with the library. */
const MOST_STARTS = 3;

interface Said {
  readonly name: string;
  readonly args: Record<string, unknown>;
  readonly result: string;
}

/**
 * A model that follows the rules of the system text without understanding markets: it reads the brief, picks a family
 * from the library, moves its parameters, backtests, notes a lesson and finishes. Everything it knows comes from the
 * messages; the seed makes it repeatable. It only proposes: what is kept is decided elsewhere.
 */
export function scriptedResearcher(seed: number): Brain {
  return ({ messages }) => {
    const task = messages.find(({ role }) => role === 'user')?.content ?? '';
    const said = callsOf(messages);
    const random = seededRandom(`${seed}/${task}/${said.length}`);
    const system = String(messages.find(({ role }) => role === 'system')?.content ?? '');
    return nextTurn(readBrief(String(task), system), said, random, seededRandom(`${seed}/${task}`));
  };
}

function nextTurn(brief: ReadBrief, said: readonly Said[], random: Random, stable: Random): BrainTurn {
  const last = said.at(-1);
  const times = (name: string) => said.filter((call) => call.name === name).length;
  const ends = () => closing(brief, said);
  if (!last && Object.keys(brief.base).length >= 2) return register(familyOf(brief, said) ?? 'unnamed', brief);
  if (!last) return turn('I look at what there is.', { name: 'list_library', args: {} });
  switch (last.name) {
    case 'list_library': {
      // A window too small to remember in: reading the same again would go on until the turns are used up.
      if (times('list_library') > MOST_STARTS) return ends();
      const path = choosePath(last.result, brief.family, stable);
      return turn(
        `${path} is the place to start.`,
        { name: 'read_file', args: { path } },
        { name: 'read_file', args: { path: path.replace('.ts', '.yaml') } },
      );
    }
    case 'read_file':
      return register(familyOf(brief, said) ?? 'unnamed', brief);
    case 'register_hypothesis':
      if (!last.result.startsWith('Registered') && times('register_hypothesis') < 3)
        return register(familyOf(brief, said) ?? 'unnamed', brief);
      return write(brief, said, random, brief.kind !== 'fix' && random() < SLIPS);
    case 'write_candidate':
      if (last.result.startsWith('Register a hypothesis'))
        return times('register_hypothesis') < 4 ? register(familyOf(brief, said) ?? 'unnamed', brief) : ends();
      return turn('', { name: 'check_candidate', args: { name: last.args.name } });
    case 'check_candidate':
      if (last.result.startsWith('No problems')) return turn('', { name: 'backtest', args: { name: last.args.name } });
      return times('check_candidate') < 3 ? write(brief, said, random, false) : ends();
    case 'backtest':
      // Sent back uncharged: something else, a few times.
      if (!said.some(isTrial) && times('backtest') < 5) return write(brief, said, random, false);
      if (!/CRASH|KEEP/.test(last.result) && said.filter(isTrial).length < 2 && random() < SECOND_TRIES)
        return write(brief, said, random, false);
      return lesson(last, ends);
    case 'note_lesson':
    case 'answer_hint':
    case 'finish':
      return ends();
    default:
      // A call that went wrong on the way: begin again, or end when there is something to end with.
      return times('backtest') > 0 ? ends() : turn('', { name: 'list_library', args: {} });
  }
}

function isTrial({ name, result }: Said): boolean {
  return name === 'backtest' && /^Trial \d+-\d+: /.test(result);
}

function register(family: string, { kind, gate }: ReadBrief): BrainTurn {
  const hypothesis = `${family} carries an edge after costs${kind === 'patch' && gate ? `, once ${gate} is passed` : ''}; without one its train Sharpe is near zero`;
  return turn('First the hypothesis.', {
    name: 'register_hypothesis',
    args: { family, hypothesis, refuted_if: 'train sharpe < 0.5' },
  });
}

function write(brief: ReadBrief, said: readonly Said[], random: Random, slip: boolean): BrainTurn {
  const files = filesAtHand(brief, said);
  const family = familyIn(files) ?? 'candidate';
  const name = `${family.slice(0, 36)}-${Math.floor(random() * 46656)
    .toString(36)
    .padStart(3, '0')}`;
  const wish = { name, symbols: brief.symbols, lean: leanOf(brief.gate) };
  const draft = vary(files, wish, random);
  if (!draft) return turn('', { name: 'list_library', args: {} });
  return turn('Now the candidate.', { name: 'write_candidate', args: { ...named(draft, slip) } });
}

function named({ name, strategy, yaml }: Draft, slip: boolean): Record<string, string> {
  return { name, strategy: slip ? withSlip(strategy) : strategy, yaml };
}

function leanOf(gate: string | null): 'calmer' | 'livelier' | 'any' {
  if (gate?.includes('trades') || gate?.includes('exposure')) return 'livelier';
  if (gate?.includes('stress') || gate?.includes('turnover')) return 'calmer';
  return 'any';
}

function lesson(last: Said, ends: () => BrainTurn): BrainTurn {
  const trial = /Trial (\d+-\d+): (\w+)/.exec(last.result);
  const failed = /FAILED ([\w.]+)/.exec(last.result)?.[1];
  if (!trial) return ends();
  const text = failed ? `${String(last.args.name)} fails at ${failed}` : `${String(last.args.name)} passes every gate`;
  return turn('', { name: 'note_lesson', args: { text, trials: trial[1] } });
}

/** Open hints first, one answer each, then finish. */
function closing({ hints }: ReadBrief, said: readonly Said[]): BrainTurn {
  const answered = new Set(said.filter(({ name }) => name === 'answer_hint').map(({ args }) => args.hint));
  const open = hints.filter((hint) => !answered.has(hint));
  if (open.length > 0) {
    return turn(
      '',
      ...open.map((hint) => ({
        name: 'answer_hint',
        args: { hint, accepted: true, why: 'The next candidates follow it where the family allows.' },
      })),
    );
  }
  return turn('', {
    name: 'finish',
    args: {
      summary:
        said.findLast(({ name }) => name === 'backtest')?.result.split('\n')[0] ?? 'Nothing could be backtested.',
    },
  });
}

function choosePath(listing: string, family: string | null, random: Random): string {
  const entries = [...listing.matchAll(/^(library\/[\w-]+\.ts) \[([\w-]+)\]/gm)].map(([, path, of]) => ({ path, of }));
  const wanted = entries.filter(({ of }) => of === family);
  return (
    wanted.length > 0
      ? pick(random, wanted)
      : entries.length > 0
        ? pick(random, entries)
        : { path: 'library/ema-cross.ts' }
  ).path;
}

/** The candidate of the brief, else what was read in this session. */
function filesAtHand({ base }: ReadBrief, said: readonly Said[]): Readonly<Record<string, string>> {
  return Object.keys(base).length >= 2 ? base : filesRead(said);
}

function familyOf(brief: ReadBrief, said: readonly Said[]): string | null {
  return familyIn(filesAtHand(brief, said)) ?? brief.family;
}

function filesRead(said: readonly Said[]): Record<string, string> {
  return Object.fromEntries(
    said
      .filter(({ name, result }) => name === 'read_file' && !result.startsWith('error'))
      .map(({ args, result }) => [String(args.path).replace(/^\w+\//, ''), `${result}\n`]),
  );
}

function familyIn(files: Readonly<Record<string, string>>): string | null {
  return /family:\s*['"]([\w-]+)['"]/.exec(Object.values(files).join('\n'))?.[1] ?? null;
}

function turn(content: string, ...calls: { name: string; args: Record<string, unknown> }[]): BrainTurn {
  return { reasoning: content, content: '', calls };
}

interface Message {
  readonly role: string;
  readonly content?: unknown;
  readonly tool_calls?: readonly {
    readonly id: string;
    readonly function: { readonly name: string; readonly arguments: string };
  }[];
  readonly tool_call_id?: string;
}

/** Every answered call of the conversation, in order. */
function callsOf(messages: readonly Message[]): Said[] {
  const results = new Map(
    messages
      .filter(({ role }) => role === 'tool')
      .map((message) => [message.tool_call_id, String(message.content ?? '')]),
  );
  return messages.flatMap(({ tool_calls }) =>
    (tool_calls ?? []).flatMap((call) => {
      const result = results.get(call.id);
      if (result === undefined) return [];
      return [
        {
          name: call.function.name,
          args: JSON.parse(call.function.arguments || '{}') as Record<string, unknown>,
          result,
        },
      ];
    }),
  );
}
