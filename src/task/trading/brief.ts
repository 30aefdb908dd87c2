import { readFileSync } from 'node:fs';
import { promptForm } from '../../agent/prompts.ts';
import { projectFile } from '../../base/roots.ts';
import { openObjects } from '../../journal/objects.ts';
import { MINUTE, TIMEFRAME_MS, TIMEFRAMES } from '../../market/bars.ts';
import { renderBrief } from '../../search/digest/brief.ts';
import { buildDigest } from '../../search/digest/digest.ts';
import { estimateTokens } from '../../search/digest/tokens.ts';
import { activeHints } from '../../search/hints/hints.ts';
import { trialCount } from '../../search/memory/carry.ts';
import type { Brief, Cycle } from '../task.ts';
import type { Trading } from './context.ts';
import { libraryFamilies } from './tools/library.ts';

/**
 * What the session reads: the stable rules first, so that the server's prefix cache serves them to every cycle, then
 * what changes. Built from prompts/ and the journal alone.
 */
export function briefFor(cycle: Cycle, trading: Trading, promptTokens: number): Brief {
  const prompt = (name: string) => readFileSync(projectFile(trading.projectDir, 'prompts', name), 'utf8');
  const system = promptForm(prompt('system.md'), 'long').replaceAll('{{symbols}}', symbolsLine(trading));
  let digestTokens = 0;
  const task = renderBrief({
    template: prompt('cycle.md'),
    program: prompt('program.md'),
    directive: cycle.directive,
    nudge: cycle.nudge,
    hints: activeHints(cycle.events, cycle.id, { family: cycle.directive.family }),
    base: baseFiles(cycle, trading),
    digest: (tokens) => {
      digestTokens = tokens;
      return buildDigest(cycle.seen, {
        cycle: cycle.id,
        tokens,
        trials: trialCount(cycle.events),
        families: libraryFamilies(trading.projectDir),
        deflation: trading.gates.deflation,
      });
    },
    tokens: promptTokens - estimateTokens(system),
  });
  return { system, task, digestTokens };
}

/** The symbols; with bars longer than a minute also the timeframes that these allow. */
function symbolsLine({ symbols, frozen }: Trading): string {
  const { interval = MINUTE } = frozen.train[0];
  const usable = TIMEFRAMES.filter((name) => TIMEFRAME_MS[name] >= interval);
  const only =
    interval === MINUTE ? '' : ` (their bars are ${usable[0]}; possible timeframes are ${usable.join(', ')})`;
  return `${symbols.join(', ')}${only}`;
}

/** The candidate that a fix, a patch or a variation starts from, with what its last trial said. */
function baseFiles(cycle: Cycle, { runDir }: Trading): string {
  const { base, other } = cycle.directive;
  return [base, other].flatMap((name) => (name ? [candidateText(cycle, runDir, name)] : [])).join('\n\n');
}

function candidateText(cycle: Cycle, runDir: string, name: string): string {
  const trial = cycle.events.findLast((event) => event.type === 'trial.started' && event.candidate === name);
  if (trial?.type !== 'trial.started') return '';
  const finished = cycle.events.findLast((event) => event.type === 'trial.finished' && event.trial === trial.trial);
  const failed =
    finished?.type === 'trial.finished'
      ? finished.gates.filter(({ passed }) => !passed).map(({ gate, message }) => `${gate}: ${message}`)
      : [];
  const objects = openObjects(runDir);
  const files = Object.entries(trial.files).map(([file, object]) => {
    const language = file.endsWith('.ts') ? 'ts' : 'yaml';
    return `${file}\n\`\`\`${language}\n${objects.get(object).toString('utf8').trimEnd()}\n\`\`\``;
  });
  const params = Object.entries(trial.params)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
  return [`Trial ${trial.trial} (${params}):`, ...failed, ...files].join('\n');
}
