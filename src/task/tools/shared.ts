import { loadTools } from '../../agent/prompts.ts';
import { projectFile } from '../../base/roots.ts';
import type { TaskTool } from '../task.ts';
import { registerHypothesis } from './hypothesis.ts';
import { answerHint, askJournal, finish, noteLesson, openHints, proposeChange } from './notes.ts';
import type { RunTool } from './tool.ts';

/** Tools that every task has: they speak of hypotheses, lessons and hints, never of a subject. */
export const SHARED: Record<string, RunTool> = {
  query_journal: askJournal,
  register_hypothesis: registerHypothesis,
  note_lesson: noteLesson,
  answer_hint: answerHint,
  propose_change: proposeChange,
  finish,
};

/** When a shared tool can do anything; the others always can. */
export const USEFUL: Readonly<Record<string, TaskTool['useful']>> = {
  query_journal: ({ events }) => events.some(({ type }) => type === 'trial.finished'),
  answer_hint: (cycle) => openHints(cycle).length > 0,
};

/** The shared tools in the wording of prompts/tools.yaml. */
export function sharedTools(projectDir: string): TaskTool[] {
  return loadTools(projectFile(projectDir, 'prompts', 'tools.yaml'))
    .filter(({ name }) => name in SHARED)
    .map((definition) => ({
      ...definition,
      run: async (args, cycle) => SHARED[definition.name](args, cycle, null),
      useful: USEFUL[definition.name],
    }));
}
