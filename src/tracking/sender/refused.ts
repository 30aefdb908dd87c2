/** The server did not take something. */
export class Refused extends Error {
  /** True when this one item seems to be at fault, not the connection, the key or a limit. */
  readonly itemFault: boolean;

  /** True when the same may well work in a moment. */
  readonly passing: boolean;

  constructor(message: string, itemFault: boolean, passing = false) {
    super(message);
    this.itemFault = itemFault;
    this.passing = passing;
  }
}

/** The server answered that it cannot do what was asked. */
export class NotUnderstood extends Refused {}
