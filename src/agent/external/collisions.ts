/** Names that agent programs give to tools of their own. */
const TAKEN = new Set([
  ...['bash', 'edit', 'edit_file', 'fetch', 'glob', 'grep', 'list_directory', 'list_files', 'patch', 'read'],
  ...['read_file', 'read_many_files', 'run_command', 'run_shell_command', 'shell', 'todo_write', 'write'],
  ...['write_file', 'web_fetch', 'web_search'],
]);
const PREFIX = 'ralph_';

/** The name under which a tool is offered: with a prefix where the agent program may have one of the same name. */
export function offeredName(name: string): string {
  return TAKEN.has(name) ? PREFIX + name : name;
}

/** The session's own name for what was called. */
export function ownName(name: string): string {
  const own = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
  return TAKEN.has(own) ? own : name;
}
