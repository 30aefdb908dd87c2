import { stringify } from 'yaml';
import type { ToolResult } from '../../../agent/contract.ts';
import { compileCandidate } from '../../../backtest/compile/compile.ts';
import { sha256 } from '../../../base/hash.ts';
import { tradedBy } from '../../../market/universe/members.ts';
import type { CandidateFiles } from '../../../strategy/candidate.ts';
import { withImports } from '../../../strategy/imports.ts';
import type { Cycle } from '../../task.ts';
import { registered } from '../../tools/hypothesis.ts';
import { answer, type RunTool, refuse, text } from '../../tools/tool.ts';
import type { Trading } from '../context.ts';
import { exampleProblem, problemWithLines, signaturesOf } from '../trial/refusal.ts';

const NAME = /^[a-z][a-z0-9-]{1,48}$/;

/** Both files of the candidate; the answer lets the model see whether everything arrived. */
export const writeCandidate: RunTool<Trading> = (args, cycle, { symbols }) => {
  const hypothesis = registered(cycle);
  if (!hypothesis) return refuse('Register a hypothesis first: call register_hypothesis.');
  const named = text(args, 'name').replace(/\.(ts|yaml)$/, '');
  const name = named || `${hypothesis.family.slice(0, 36)}-${cycle.id}`;
  if (!NAME.test(name))
    return refuse(`name "${name}" must be lower-case letters, digits and dashes, such as ema-cross-slow.`);
  const written = asFile(args.strategy);
  if (written === null) return refuse('write_candidate needs strategy, the whole TypeScript file.');
  const yaml = asFile(args.yaml) ?? stringify({ strategy: `${name}.ts`, symbols: symbols.slice(0, 1) });
  const { source, note } = withImports(written);
  cycle.writeFile(`${name}.ts`, source);
  cycle.writeFile(`${name}.yaml`, yaml);
  return answer(
    [
      `Wrote ${name}.ts: ${receipt(source)}`,
      ...(note ? [note] : []),
      `Wrote ${name}.yaml: ${receipt(yaml)}`,
      'If a last line is not yours, the call was cut: write it again.',
    ].join('\n'),
  );
};

/** Policy, types and imports, without spending a trial. */
export const checkCandidate: RunTool<Trading> = async (args, cycle, { symbols, frozen, market, projectDir }) => {
  const files = candidateFiles(cycle, text(args, 'name'));
  if (typeof files === 'string') return refuse(files);
  const example = exampleProblem(files.source, projectDir);
  if (example) return forgotten(example);
  const compiled = await compileCandidate(files);
  const unknown = compiled.ok ? compiled.config.symbols.filter((symbol) => !symbols.includes(symbol)) : [];
  if (unknown.length > 0)
    return refuse(
      `yaml: symbols: no data for ${unknown.join(', ')}; use ${symbols.join(', ')}. Only the user can add one, in config/market.yaml with its bars.`,
    );
  const traded = compiled.ok ? tradedBy(compiled.config, frozen, market) : undefined;
  if (typeof traded === 'string') return refuse(`yaml: ${traded}.`);
  if (compiled.ok)
    return answer(`No problems. Family ${compiled.family}, timeframe ${compiled.timeframe}. Call backtest.`);
  const [first, also] = [compiled.problems.slice(0, 2), compiled.problems.slice(2, 8)];
  const lines = [
    problemWithLines(first.join('\n'), files.source, signaturesOf(projectDir)),
    ...also.map((problem) => `Also: ${problem}`),
    'Fix these and write the whole candidate again. The refused file is shown no more: what is sent again unchanged is refused again.',
  ];
  return forgotten(lines.join('\n'));
};

/** A refused file that stays in the context is what a small model sends again. */
function forgotten(content: string): ToolResult {
  return { ...refuse(content), forget: ['write_candidate'] };
}

/** The candidate that this cycle wrote, or a line that says what to do. */
export function candidateFiles(cycle: Cycle, wanted: string): CandidateFiles | string {
  const name = wanted.replace(/\.(ts|yaml)$/, '');
  const source = NAME.test(name) ? cycle.readFile(`${name}.ts`) : undefined;
  const yaml = NAME.test(name) ? cycle.readFile(`${name}.yaml`) : undefined;
  if (source === undefined || yaml === undefined)
    return `There is no candidate "${wanted}" in this cycle. Call write_candidate first.`;
  return { name, source, yaml };
}

function asFile(value: unknown): string | null {
  if (typeof value === 'string' && value.trim() !== '') return value.endsWith('\n') ? value : `${value}\n`;
  return null;
}

function receipt(content: string): string {
  const lines = content.trimEnd().split('\n');
  return `${Buffer.byteLength(content)} bytes, ${lines.length} lines, sha256 ${sha256(content).slice(0, 12)}, last line: ${lines.at(-1)}`;
}
