/**
 * Parts thinking from text where the server did not: without a reasoning parser everything up to the last `</think>`
 * is thinking, and an answer that opens it and never closes it is thinking altogether.
 */
export function splitThinking(content: string, reasoning: string): { content: string; reasoning: string } {
  if (reasoning !== '') return { content, reasoning };
  const close = content.lastIndexOf('</think>');
  if (close !== -1)
    return {
      reasoning: content
        .slice(0, close)
        .replaceAll(/<\/?think>/g, '')
        .trim(),
      content: content.slice(close + '</think>'.length),
    };
  if (/^\s*<think>/.test(content)) return { reasoning: content.replace(/^\s*<think>/, '').trim(), content: '' };
  return { content, reasoning };
}

/** Closing tags and special tokens that leaked out of a server's parser. */
export function stripOrphanTags(text: string): string {
  // The end tag by tag: one expression for it would try every space of a long white stretch as a beginning.
  let rest = text.replace(/^\s*(?:<\/(?:tool_call|think|function)>\s*)+/, '');
  for (;;) {
    const trimmed = rest.trimEnd();
    const tag = /<\/(?:tool_call|think|function)>$/.exec(trimmed.slice(-20))?.[0];
    if (!tag) return rest.replaceAll(/<\|(?:im_start|im_end|endoftext)\|>/g, '');
    rest = trimmed.slice(0, -tag.length).trimEnd();
  }
}

/** Whether a text says what will be done next. Counts only; the recovery is the same for any text without a call. */
export function isAnnouncement(text: string): boolean {
  const tail = text.trim().slice(-400);
  return (
    /(?:^|[.!?\n]\s*)(?:ok(?:ay)?[,.]? |so |next,? |first,? |now,? )*(?:let me|i'?ll|i will|i am going to|i'?m going to|let's|now i|going to)\b/i.test(
      tail,
    ) || /[:…]$|\.\.\.$/.test(tail)
  );
}

/** Whether a text holds call markup outside of code, though none that could be read. */
export function looksLikeCall(text: string): boolean {
  return /<tool_call>|<function=|<invoke\s|<\/tool_call>|<\/function>/.test(withoutCode(text));
}

/** A text without its code fences and inline code. */
export function withoutCode(text: string): string {
  return text.replaceAll(/(`{3,}|~{3,})[\s\S]*?(?:\1|$)/g, '').replaceAll(/`[^`\n]*`/g, '');
}
