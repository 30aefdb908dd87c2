/** Events that a run of a command task with one hint appends, each with a point before and after. */
const EVENTS = [
  'run.started',
  'hint.taken',
  'cycle.started',
  'hypothesis.registered',
  'trial.started',
  'trial.finished',
  'hint.answered',
  'session.ended',
  'verdict.given',
  'cycle.committed',
  'cycle.mirrored',
  'run.ended',
];

const AROUND = (name: string): string[] => [`${name}.before`, `${name}.after`];

/** Every point that a plain run of two cycles passes, in the order of the steps. */
export const POINTS: readonly string[] = [
  ...AROUND('journal.lock'),
  ...AROUND('journal.branch'),
  ...AROUND('journal.worktree'),
  ...AROUND('search.hint.copy'),
  ...AROUND('search.hint.remove'),
  ...EVENTS.flatMap((type) => AROUND(`journal.${type}`)),
  'journal.sync.before',
  ...AROUND('loop.start'),
  ...AROUND('loop.session'),
  'loop.charge.ledger',
  ...AROUND('loop.evaluate'),
  ...AROUND('loop.verdict'),
  ...AROUND('loop.commit'),
  'journal.commit.before',
  'journal.commit.staged',
  'journal.commit.after',
  'journal.projections.before',
  'journal.projections.results',
  'journal.projections.history',
  'journal.projections.after',
  ...AROUND('loop.mirror'),
];

/** Points that only a run with a tracker passes. */
export const TRACKING_POINTS: readonly string[] = [...AROUND('tracking.enqueue')];

/** Points that act in the tracker's sender, a process of its own. */
export const SENDER_POINTS: readonly string[] = [
  'tracking.delivered.before',
  'tracking.delivered.noted',
  'tracking.delivered.after',
];

/** Points that only a start after a crash passes. */
export const RECOVERY_POINTS: readonly string[] = [
  ...AROUND('journal.run.resumed'),
  ...AROUND('journal.cut'),
  'journal.cut.kept',
];
