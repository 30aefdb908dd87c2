import type { Directive } from './directive.ts';

export type FreeKind = Exclude<Directive['kind'], 'fix' | 'patch'>;
const KINDS: readonly FreeKind[] = ['new', 'exploit', 'cross', 'simplify', 'moonshot'];

/** A stretch of cycles and the kinds of directive it may use. */
export interface Phase {
  readonly name: string;
  readonly from: number;
  /** Last cycle, infinity for an open end. */
  readonly to: number;
  readonly kinds: readonly FreeKind[];
}

export interface Program {
  readonly phases: readonly Phase[];
  /** What could not be read, one line each; the rest of the block still holds. */
  readonly problems: readonly string[];
}

/** Used where the program says nothing: every kind, always. */
const ANYTHING: Phase = { name: 'any', from: 1, to: Number.POSITIVE_INFINITY, kinds: KINDS };

/** Reads the block fenced as ```phases in program.md, a phase a line: `tuning: cycles 41-120: new, exploit`. The rest is for the model. */
export function parseProgram(text: string): Program {
  const block = /^```phases\r?\n([\s\S]*?)^```/m.exec(text)?.[1] ?? '';
  const phases: Phase[] = [];
  const problems: string[] = [];
  for (const line of block.split('\n').map((raw) => raw.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const found = /^([\w -]+):\s*cycles?\s+(\d+)\s*-\s*(\d*)\s*:\s*(.+)$/i.exec(line);
    const words = found ? found[4].split(/[\s,]+/).filter(Boolean) : [];
    const unknown = words.filter((word) => !(KINDS as readonly string[]).includes(word));
    if (!found) problems.push(`phases: "${line}": expected "name: cycles A-B: ${KINDS.join(', ')}"`);
    else if (unknown.length > 0)
      problems.push(`phases: "${line}": unknown ${unknown.join(', ')} (known: ${KINDS.join(', ')})`);
    else {
      const to = found[3] === '' ? Number.POSITIVE_INFINITY : Number(found[3]);
      phases.push({ name: found[1].trim(), from: Number(found[2]), to, kinds: words as FreeKind[] });
    }
  }
  return { phases, problems };
}

/** The phase of a cycle; where several claim it, the first one. */
export function phaseOf(program: Program, cycle: number): Phase {
  return program.phases.find(({ from, to }) => from <= cycle && cycle <= to) ?? ANYTHING;
}
