import { RalphError } from '../../base/errors.ts';
import type { Directive } from '../directive/directive.ts';
import type { ActiveHint } from '../hints/hints.ts';
import { oneLine } from './describe.ts';
import { clipToTokens, estimateTokens } from './tokens.ts';

export interface BriefParts {
  /** Text of prompts/cycle.md: the page, then one block for each kind of directive after a line `=== kind`. */
  readonly template: string;
  /** Text of prompts/program.md, as the human wrote it. */
  readonly program: string;
  readonly directive: Directive;
  readonly hints: readonly ActiveHint[];
  /** Files of the base candidate for fix, patch and the like; empty for none. */
  readonly base: string;
  /** Which line of the template's block `=== nudges` is shown; null or absent for none. */
  readonly nudge?: number | null;
  /** What the session may still spend. */
  readonly left: { readonly trials: number; readonly turns: number };
  /** Builds the digest within a number of tokens. */
  readonly digest: (tokens: number) => string;
  /** Estimated tokens that the whole task text may take. */
  readonly tokens: number;
}

/** What one part may take of the brief at most, so that none can push out the others. Shares of the token budget. */
const SHARES = { program: 0.2, hints: 0.12, base: 0.4 };

/** The task text of one cycle; the digest gets what the other parts leave. Throws RalphError for an unknown placeholder or a missing block. */
export function renderBrief(parts: BriefParts): string {
  const sections = sectionsOf(parts.template);
  const block = sections.get(parts.directive.kind);
  if (block === undefined)
    throw new RalphError(`prompts/cycle.md has no block "=== ${parts.directive.kind}"`, {
      remedy: 'Restore prompts/cycle.md, or add the block at its end.',
    });
  const { directive, tokens } = parts;
  const values: Record<string, string> = {
    directive: fillTemplate(block, {
      why: directive.why,
      candidate: directive.base ?? 'none',
      family: directive.family ?? 'of your own choice',
      gate: directive.gate ?? 'none',
    }),
    hints: clipToTokens(
      hintLines(parts.hints, sections.get('hints') ?? ''),
      tokens * SHARES.hints,
      '(more hints wait)',
    ),
    base: clipToTokens(
      parts.base || 'None: start from nothing.',
      tokens * SHARES.base,
      '(cut; read the file with your tools)',
    ),
    program: clipToTokens(forTheModel(parts.program), tokens * SHARES.program, '(cut: prompts/program.md is too long)'),
    nudge: parts.nudge == null ? '' : (nudgesOf(parts.template)[parts.nudge] ?? ''),
    trials: String(parts.left.trials),
    turns: String(parts.left.turns),
    digest: '',
  };
  const page = sections.get('') ?? '';
  const used = estimateTokens(fillTemplate(page, values));
  // The estimate rounds up once per text; two tokens cover it.
  values.digest = parts.digest(Math.max(0, tokens - used - 2));
  return fillTemplate(page, values).trim();
}

/** The varied remarks that a brief may carry, one a line in the template's block `=== nudges`. */
export function nudgesOf(template: string): string[] {
  const lines = (sectionsOf(template).get('nudges') ?? '').split('\n');
  return lines.map((line) => line.trim()).filter(Boolean);
}

/** The blocks of a prompt file by their names, each behind a line `=== NAME`; what stands before the first has the name ''. */
export function sectionsOf(template: string): Map<string, string> {
  const [page, ...blocks] = template.split(/^=== /m);
  const named = blocks.map((block): [string, string] => {
    const end = block.indexOf('\n');
    return [block.slice(0, end).trim(), block.slice(end + 1).trim()];
  });
  return new Map([['', page], ...named]);
}

/** Fills `{{name}}` in one pass, so that text from outside is never expanded. An unknown name throws RalphError. */
export function fillTemplate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{\{\s*([^{}]*?)\s*\}\}/g, (_, name: string) => {
    if (Object.hasOwn(values, name)) return values[name];
    throw new RalphError(`placeholder {{${name}}} is not known (known: ${Object.keys(values).join(', ')})`, {
      remedy: 'Fix the placeholder in prompts/cycle.md.',
    });
  });
}

/** Without the comments and the phases, which are for the human and for code. */
export function forTheModel(program: string): string {
  return program
    .replaceAll(/<!--[\s\S]*?-->/g, '')
    .replaceAll(/^```phases\r?\n[\s\S]*?^```/gm, '')
    .trim();
}

function hintLines(hints: readonly ActiveHint[], order: string): string {
  if (hints.length === 0) return 'None.';
  const lines = hints
    .map(
      ({ id, text, answered }) => `- [${id}]${answered ? ' (answered before, still holds)' : ''} ${oneLine(text, 700)}`,
    )
    .join('\n');
  return hints.every(({ answered }) => answered) ? lines : `${order}\n${lines}`;
}
