/** One step of the schema. Applied once, in one transaction with the note that it was; never edited once released. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}
