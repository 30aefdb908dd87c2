/** Sends an action to the harness and returns what it says; an error's text begins with what went wrong. */
export async function ask(action: string, body: Record<string, unknown> = {}): Promise<{ ok: boolean; said: string }> {
  try {
    const response = await fetch(`act/${action}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const { said, error, remedy } = (await response.json()) as Record<string, string | undefined>;
    return response.ok
      ? { ok: true, said: said ?? '' }
      : { ok: false, said: [error, remedy].filter(Boolean).join(' ') };
  } catch {
    return { ok: false, said: 'The harness does not answer. Is it still running?' };
  }
}
