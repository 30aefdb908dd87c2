import { readFileSync } from 'node:fs';
import { promptForm } from '../../agent/prompts.ts';
import { projectFile } from '../../base/roots.ts';
import { openObjects } from '../../journal/objects.ts';
import { lastTrialOf } from '../../journal/state/run-state.ts';
import { MINUTE, TIMEFRAME_MS, TIMEFRAMES } from '../../market/bars.ts';
import { renderBrief } from '../../search/digest/brief.ts';
import { buildDigest } from '../../search/digest/digest.ts';
import { estimatedOf, estimateTokens } from '../../search/digest/tokens.ts';
import { activeHints } from '../../search/hints/hints.ts';
import { trialCount } from '../../search/memory/carry.ts';
import type { Brief, BriefRoom, Cycle } from '../task.ts';
import { breadthOf, type Trading } from './context.ts';
import { pointOf } from './tools/backtest.ts';
import { libraryFamilies } from './tools/library.ts';
import { aimOf } from './trial/near-miss.ts';

/** Below this window, in tokens, a session gets the short form: system text and task together in so many tokens. */
const SMALL_WINDOW = 16_384;
const SHORT_TOKENS = 1500;
/** Characters for a token where no server has counted yet and little room is left: digests have 2.6, rules 3.1. */
const UNCOUNTED = 3;
/** Members of a set that a brief names. */
const MOST_NAMED = 8;

/**
 * What the session reads: the stable rules first, so that the server's prefix cache serves them to every cycle, then
 * what changes. Built from prompts/ and the journal alone.
 */
export function briefFor(cycle: Cycle, trading: Trading, promptTokens: number, room: BriefRoom): Brief {
  const prompt = (name: string) => readFileSync(projectFile(trading.projectDir, 'prompts', name), 'utf8');
  const short = room.window < SMALL_WINDOW;
  const form = short ? 'short' : 'long';
  const counted = cycle.events.findLast((event) => event.type === 'session.ended' && event.charactersPerToken);
  const perToken = counted?.type === 'session.ended' ? counted.charactersPerToken : undefined;
  const several = !short && breadthOf(trading) > 1;
  const system = promptForm(prompt('system.md'), form, several)
    // In the example of a YAML the names alone.
    .replaceAll('[{{symbols}}]', `[${trading.symbols.join(', ')}]`)
    .replaceAll('{{symbols}}', symbolsLine(trading, several));
  let digestTokens = 0;
  const aimed = aimOf(cycle);
  const task = renderBrief({
    template: promptForm(prompt('cycle.md'), form),
    program: cycle.program,
    directive: cycle.directive,
    nudge: cycle.nudge,
    hints: activeHints(cycle.events, cycle.id, { family: cycle.directive.family }),
    base: [aimed?.aim.text ?? '', baseFiles(cycle, trading)].filter(Boolean).join('\n\n'),
    digest: (tokens) => {
      digestTokens = tokens;
      return buildDigest(cycle.seen, {
        cycle: cycle.id,
        tokens,
        trials: trialCount(cycle.events),
        families: libraryFamilies(trading.projectDir, breadthOf(trading)),
        deflation: trading.gates.deflation,
      });
    },
    left: { trials: cycle.trialsLeft(), turns: room.turns },
    tokens:
      estimatedOf(
        short ? Math.min(SHORT_TOKENS, promptTokens) : promptTokens,
        perToken ?? (short ? UNCOUNTED : undefined),
      ) - estimateTokens(system),
  });
  const shown = aimed && aimed.aim.curves > 0 ? { shown: { trial: aimed.trial, curves: aimed.aim.curves } } : {};
  return { system, task, digestTokens, ...shown };
}

/** The symbols, the sets, and with bars longer than a minute the timeframes that these allow. */
function symbolsLine({ symbols, frozen, market: { anonymous = false } }: Trading, several: boolean): string {
  const sets = several ? Object.entries(frozen.universes ?? {}).map((set) => setLine(set, anonymous)) : [];
  const also =
    sets.length > 0
      ? `; or, for a strategy of several, \`universe: NAME\` in place of symbols: ${sets.join(', ')}`
      : '';
  const { interval = MINUTE } = frozen.train[0];
  const usable = TIMEFRAMES.filter((name) => TIMEFRAME_MS[name] >= interval);
  const only =
    interval === MINUTE ? '' : ` (their bars are ${usable[0]}; possible timeframes are ${usable.join(', ')})`;
  const hidden =
    several && anonymous
      ? '; a strategy of several sees handles (S01, S02, …) in place of names, and now.of has no name to ask for'
      : '';
  return `${symbols.join(', ')}${only}${also}${hidden}`;
}

/** A set by name; of a large one some members stand for all, of an anonymous one none. */
function setLine([name, members]: [string, object], anonymous: boolean): string {
  const symbols = Object.keys(members);
  if (anonymous) return `${name} (${symbols.length} symbols)`;
  return symbols.length <= MOST_NAMED
    ? `${name} (${symbols.join(', ')})`
    : `${name} (${symbols.length} symbols: ${symbols.slice(0, MOST_NAMED).join(', ')}, …)`;
}

/** The candidate that a fix or a patch starts from, with what its last trial said. */
function baseFiles(cycle: Cycle, { runDir }: Trading): string {
  const last = lastTrialOf(cycle.events, cycle.directive.base);
  if (!last) return '';
  const { trial, started, missed } = last;
  const failed = missed.map(({ gate, message }) => `${gate}: ${message}`);
  const objects = openObjects(runDir);
  const files = Object.entries(started.files).map(([file, object]) => {
    const language = file.endsWith('.ts') ? 'ts' : 'yaml';
    return `${file}\n\`\`\`${language}\n${objects.get(object).toString('utf8').trimEnd()}\n\`\`\``;
  });
  return [`Trial ${trial} (${pointOf(started.params)}):`, ...failed, ...files].join('\n');
}
