/** What the harness answers at a path: its JSON, else in words what went wrong. With a body it is asked to act. */
export async function asked<Answer>(path: string, body?: object): Promise<{ answer?: Answer; problem: string }> {
  const headers = { 'content-type': 'application/json' };
  try {
    const response = await fetch(path, body && { method: 'POST', headers, body: JSON.stringify(body) });
    const answer = await response.json();
    if (response.ok) return { answer, problem: '' };
    return { problem: [answer.error, answer.remedy].filter(Boolean).join(' ') };
  } catch {
    return { problem: 'The harness does not answer. Is it still running?' };
  }
}
