/** File in the database's folder that says where its keeper listens. The folder is the owner's alone. */
export const KEEPER_FILE = 'keeper.json';

export interface KeeperAddress {
  readonly pid: number;
  readonly port: number;
  readonly password: string;
  readonly readerPassword: string;
}

/** What a keeper says, once, to the process that started it. */
export type KeeperReport = { kind: 'ready' } | { kind: 'busy' } | { kind: 'failed'; message: string };
