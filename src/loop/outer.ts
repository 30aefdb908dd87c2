/** What the outer loop in ralph.ts is made of. Only a run loads it, so that a short command starts quickly. */
export { announceCycle, announceStart } from './announce.ts';
export { whilePaused } from './control.ts';
export { runCycle } from './cycle.ts';
export { FaultBudgetSpent, StoppedWhileWaiting } from './faults.ts';
export { endRun } from './start/end.ts';
export { openRun } from './start/open.ts';
export { claimCycle, refuseGone } from './steps/claim.ts';
export { forwardLooks } from './steps/forward.ts';
export { watchRun } from './watch/watch.ts';
