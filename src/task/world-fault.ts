export type FaultClass =
  | 'model_down'
  | 'model_refused'
  | 'agent_crashed'
  | 'database_down'
  | 'disk_full'
  | 'disk_error'
  | 'out_of_memory'
  | 'connection'
  | 'evaluation'
  | 'git'
  | 'asleep'
  | 'clock';

/** The world failed, not the candidate: costs no trial and no streak, and is tried again. */
export class WorldFault extends Error {
  readonly class: FaultClass;
  readonly where: string;

  constructor(faultClass: FaultClass, where: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'WorldFault';
    this.class = faultClass;
    this.where = where;
  }
}

/** A command that is killed from outside this often in a row is taken for the reason. */
const MOST_KILLS = 3;

/** Counts that a candidate's command was killed from outside. Throws WorldFault until it was so often that it is the candidate's own doing. */
export function countKill(kills: Map<string, number>, fingerprint: string): void {
  const killed = 1 + (kills.get(fingerprint) ?? 0);
  if (killed >= MOST_KILLS) return;
  kills.set(fingerprint, killed);
  const message = `the command was killed from outside, ${killed} of ${MOST_KILLS} times; most likely the machine ran out of memory`;
  throw new WorldFault('out_of_memory', 'evaluation', message);
}
