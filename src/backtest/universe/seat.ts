import type { OrderOptions } from '../../strategy/now.ts';
import type { Desk } from '../orders/desk.ts';
import type { Prepared } from '../view/prepare.ts';

/** One symbol of a universe while it is played: the engine's side of its view. */
export interface Seat {
  readonly desk: Desk;
  readonly prepared: Prepared;
  /** Takes one of ACTION from decide(); throws TypeError for options or a weight that are no numbers. */
  readonly ask: (seat: Seat, act: number, weight: number, options: OrderOptions | undefined) => void;
  readonly name: string;
  /** Bar columns and indicators in the order of the view's names. */
  columns: readonly Float64Array[];
  /** A bar of it closed at the moment decided on, and it is ready. */
  live: boolean;
  /** Its warm-up is over, and it is a member. */
  ready: boolean;
}
