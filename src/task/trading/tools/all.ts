import { loadTools } from '../../../agent/prompts.ts';
import { EXIT, RalphError } from '../../../base/errors.ts';
import { projectFile } from '../../../base/roots.ts';
import { hypothesisProblem } from '../../../search/memory/hypothesis.ts';
import type { TaskTool } from '../../task.ts';
import { SHARED, USEFUL } from '../../tools/shared.ts';
import { type RunTool, refuse, text } from '../../tools/tool.ts';
import type { Trading } from '../context.ts';
import { backtest } from './backtest.ts';
import { checkCandidate, writeCandidate } from './candidate.ts';
import { listLibrary, readLibraryFile } from './library.ts';

/** Here the number that refutes must be one that a backtest measures, so that code can judge it. */
const registerMeasurable: RunTool = (args, cycle, subject) => {
  const problem = hypothesisProblem(text(args, 'refuted_if'));
  return problem ? refuse(problem) : SHARED.register_hypothesis(args, cycle, subject);
};

const RUN: Record<string, RunTool<Trading>> = {
  ...SHARED,
  register_hypothesis: registerMeasurable,
  list_library: listLibrary,
  read_file: readLibraryFile,
  write_candidate: writeCandidate,
  check_candidate: checkCandidate,
  backtest,
};

/** Wording from prompts/tools.yaml, deeds from here; a tool without a deed, or a deed without wording, stops the start. */
export function tradingTools(trading: Trading): TaskTool[] {
  const path = projectFile(trading.projectDir, 'prompts', 'tools.yaml');
  const definitions = loadTools(path);
  const missing = Object.keys(RUN).filter((name) => !definitions.some((tool) => tool.name === name));
  const unknown = definitions.filter(({ name }) => !(name in RUN)).map(({ name }) => name);
  if (missing.length > 0 || unknown.length > 0)
    throw new RalphError(
      `${path}: expected exactly the tools ${Object.keys(RUN).join(', ')}; missing ${missing.join(', ') || 'none'}, unknown ${unknown.join(', ') || 'none'}`,
      {
        remedy: 'Descriptions are yours to edit; names are not. Restore the names.',
        exitCode: EXIT.usage,
      },
    );
  return definitions.map((definition) => ({
    ...definition,
    run: async (args, cycle, signal) => RUN[definition.name](args, cycle, trading, signal),
    useful: USEFUL[definition.name],
  }));
}
