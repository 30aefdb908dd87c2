import type { GatesConfig } from '../../gates/config.ts';
import type { RunEvent } from '../../journal/events.ts';
import { historyOf } from '../memory/history.ts';
import { SECTIONS } from './digest-sections.ts';
import { estimateTokens } from './tokens.ts';

export interface DigestOptions {
  /** Estimated tokens that it may take; it never takes more. */
  readonly tokens: number;
  /** The cycle that will read it. */
  readonly cycle: number;
  /** Trials that the bar counts, where the events are one island's view or trials were carried over. */
  readonly trials?: number;
  /** The rule of the deflation gate: keeps that would not pass it at today's count of trials are marked. */
  readonly deflation?: GatesConfig['deflation'];
  /** Families of the library, for the coverage map. */
  readonly families?: readonly string[];
}

/**
 * What a session is told of the run: a pure function of the events within a fixed budget. What a section leaves goes to the next; what does
 * not fit is counted. Of held-back data it says which gate failed, never a value.
 */
export function buildDigest(events: readonly RunEvent[], options: DigestOptions): string {
  const context = { families: [], ...options, history: historyOf(events), events };
  let left = options.tokens;
  let shares = SECTIONS.reduce((sum, section) => sum + section.share, 0);
  const parts: string[] = [];
  for (const section of SECTIONS) {
    const room = Math.floor((left * section.share) / shares);
    shares -= section.share;
    const text = fit(section.title, section.lines(context), room);
    if (text === '') continue;
    parts.push(text);
    left -= estimateTokens(`${text}\n\n`);
  }
  return parts.join('\n\n');
}

/** The first lines that fit under the title; lines come most important first. */
function fit(title: string, lines: readonly string[], tokens: number): string {
  if (lines.length === 0) return '';
  let text = `## ${title}`;
  for (const [index, line] of lines.entries()) {
    const rest = lines.length - index - 1;
    const more = rest > 0 ? `\n(${rest} more: ask journal)` : '';
    if (estimateTokens(`${text}\n${line}${more}\n\n`) > tokens)
      return index === 0 ? '' : `${text}\n(${rest + 1} more: ask journal)`;
    text = `${text}\n${line}`;
  }
  return text;
}
