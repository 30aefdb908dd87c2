import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../../base/random.ts';
import { projectFile } from '../../../base/roots.ts';
import { literal } from '../tools/library.ts';

/** What a request of the blocks wire may say of a family, taken from a shipped example that the model does not see. */
export interface Idea {
  readonly family: string;
  /** The example's own sentence, with the number that refutes it. */
  readonly hypothesis: string;
  readonly timeframe: string;
  /** Signatures of its indicators as the system text writes them. */
  readonly indicators: string;
}

const TIMEFRAMES = ['1h', '4h', '15m', '1h', '4h', '1d'];

/** The ideas of the library, one a file. `system` is where the signatures stand. */
export function ideasOf(projectDir: string, system: string): Idea[] {
  const folder = projectFile(projectDir, 'strategies', 'library');
  const signatures = signaturesIn(system);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .map((source) => ({
      family: literal(source, 'family'),
      hypothesis: literal(source, 'hypothesis'),
      timeframe: literal(source, 'timeframe'),
      indicators: [...signatures]
        .filter(([name]) => new RegExp(`\\b${name}\\(`).test(source))
        .map(([, signature]) => signature)
        .join('; '),
    }));
}

/**
 * The idea for one try: of the family where the library has it, drawn by cycle and try so that no two cycles ask in the same words. A family
 * of the model's own making borrows the indicators of another.
 */
export function pickIdea(ideas: readonly Idea[], family: string | null, cycle: number, attempt: number): Idea {
  const random = seededRandom(`idea/${cycle}/${attempt}`);
  const own = ideas.filter((idea) => idea.family === family);
  const free = ideas.filter(
    ({ family: each, indicators }) => indicators !== '' && !/^(?:baseline|template)-/.test(each),
  );
  const from = own.length > 0 ? own : free;
  const idea = from[Math.floor(random() * from.length)];
  const others = TIMEFRAMES.filter((timeframe) => timeframe !== idea.timeframe);
  const timeframe = random() < 0.5 ? idea.timeframe : others[Math.floor(random() * others.length)];
  return { ...idea, family: family ?? idea.family, timeframe };
}

/** `rsi(x, n)` and the like as the system text writes them, by name; what stands behind it of its parts (`with .upper .lower`) belongs to it. */
export function signaturesIn(system: string): Map<string, string> {
  const from = system.indexOf('# Indicators');
  const page = system.slice(from, system.indexOf('\n#', from + 1));
  const bands = /- Bands with ([.\w ]+):(.*)/.exec(page);
  return new Map(
    [...page.matchAll(/\b([a-zA-Z]\w*)\(([\w, ]+)\)((?: and \w+\([\w, ]+\))? with [.\w ]+)?/g)].map(
      ([all, name, args, parts]) => {
        const own = bands?.[2].includes(all) ? ` with ${bands[1]}` : (parts ?? '').replace(/^ and .*? with/, ' with');
        return [name, `${name}(${args})${own.trimEnd()}`];
      },
    ),
  );
}
