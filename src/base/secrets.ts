const NAMES = ['RALPH_API_KEY', 'WANDB_API_KEY', 'DATABASE_URL'] as const;
type Name = (typeof NAMES)[number];

let taken: Partial<Record<Name, string>> = {};

/** Moves the secrets out of this process's environment, so that no child process inherits one: compilers, git, commands of the user. */
export function takeSecrets(): void {
  taken = secrets();
  for (const name of NAMES) delete process.env[name];
}

/** A secret that the environment held at the start, or holds now; undefined without one. */
export function secret(name: Name): string | undefined {
  return taken[name] ?? process.env[name];
}

/** All of them, for a child that is the harness itself. */
export function secrets(): Partial<Record<Name, string>> {
  return Object.fromEntries(NAMES.flatMap((name) => (secret(name) === undefined ? [] : [[name, secret(name)]])));
}
