import { readFileSync } from 'node:fs';
import type { CallTool, Drive } from '../../../agent/contract.ts';
import { promptForm } from '../../../agent/prompts.ts';
import { projectFile } from '../../../base/roots.ts';
import { fillTemplate, forTheModel, sectionsOf } from '../../../search/digest/brief.ts';
import { clipToTokens } from '../../../search/digest/tokens.ts';
import type { Cycle } from '../../task.ts';
import type { Trading } from '../context.ts';
import { Driver } from './driver.ts';

/** The blocks wire of the trading task: what a session is told once, and what it is asked next. */
export function blocksOfCycle(cycle: Cycle, call: CallTool, trading: Trading): { system: string; drive: Drive } {
  const prompt = (name: string) => readFileSync(projectFile(trading.projectDir, 'prompts', name), 'utf8');
  const asks = sectionsOf(prompt('blocks.md'));
  const program = clipToTokens(forTheModel(prompt('program.md')), 120, '');
  const rules = promptForm(prompt('system.md'), 'blocks').replaceAll('{{symbols}}', trading.symbols.join(', '));
  const system = `${rules}\n\n${fillTemplate(asks.get('system') ?? '', { program })}`;
  const driver = new Driver(cycle, call, trading, asks);
  return { system, drive: (answer) => driver.next(answer) };
}
