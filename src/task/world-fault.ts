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
