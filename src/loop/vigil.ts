import { say } from '../base/terminal.ts';
import { WorldFault } from '../task/world-fault.ts';

const BEAT_MS = 1000;
/** A beat that comes this much late was not kept back by work: the process, or the machine, stood still. */
const ASLEEP_MS = 5000;
/** Clocks are trimmed by fractions of a second all the time; more than this was a hand, or a sleep that stopped one of them. */
const JUMP_MS = 2000;

/** Tells of a process that stood still and of a wall clock that was set. Limits and budgets run by the steady clock. Returns how to end it. */
export function keepVigil(tell: (fault: WorldFault) => void): () => void {
  let [wall, steady] = [Date.now(), performance.now()];
  const beat = () => {
    const [wallNow, steadyNow] = [Date.now(), performance.now()];
    const [passed, late] = [wallNow - wall, steadyNow - steady];
    [wall, steady] = [wallNow, steadyNow];
    const fault = faultOfBeat(passed, late);
    if (!fault) return;
    say(`fault ${fault.class}: ${fault.message}`);
    tell(fault);
  };
  const timer = setInterval(beat, BEAT_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** What a beat says of the world, after so many ms by the wall clock and by the steady one; null when all is well. */
function faultOfBeat(wallMs: number, steadyMs: number): WorldFault | null {
  const jump = wallMs - steadyMs;
  const seconds = (ms: number) => `${(Math.abs(ms) / 1000).toFixed(0)} s`;
  if (Math.abs(jump) > JUMP_MS) {
    const what =
      jump > 0
        ? `went forward by ${seconds(jump)}: it was set, or the machine slept`
        : `went back by ${seconds(jump)}: times in the journal repeat, its order is that of its numbers`;
    return new WorldFault('clock', 'the clock', `the clock ${what}`);
  }
  if (steadyMs - BEAT_MS > ASLEEP_MS)
    return new WorldFault(
      'asleep',
      'the harness',
      `stood still for ${seconds(steadyMs)}; nothing was charged for that`,
    );
  return null;
}
