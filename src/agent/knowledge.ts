/**
 * Qwen releases, the newest first, with the first day of the month after their release. Nothing that a model knows is newer than its
 * release; where sizes came out one by one, the last counts. The publisher names no earlier end of the training data.
 */
const RELEASES: readonly (readonly [RegExp, string])[] = [
  [/^qwen3\.6(?![.\d])/, '2026-05-01'],
  [/^qwen3\.5(?![.\d])/, '2026-04-01'],
  [/^qwen3-coder-next(?![.\d])/, '2026-03-01'],
  [/^qwen3-(?:next|vl|omni)(?![.\d])/, '2025-11-01'],
  [/^qwen3-coder(?![.\d])/, '2025-08-01'],
  [/^qwen3-.*-2507(?![.\d])/, '2025-09-01'],
  [/^qwen3(?![.\d])/, '2025-05-01'],
  [/^qwq(?![.\d])/, '2025-04-01'],
  [/^qwen2\.5-(?:vl|omni|.*\b1m\b)/, '2025-04-01'],
  [/^qwen2\.5(?![.\d])/, '2024-12-01'],
  [/^qwen2(?![.\d])/, '2024-10-01'],
  [/^(?:code)?qwen1\.5(?![.\d])/, '2024-05-01'],
];

/** Words of an official name besides its family: sizes, kinds, quantisation. Others name a finetune, which may know more. */
const OFFICIAL =
  /^(?:a?\d+(?:\.\d+)?b|\d{4}|1m|coder|math|vl|omni|next|instruct|thinking|chat|base|preview|awq|gptq|gguf|fp8|fp16|bf16|nvfp4|int[48]|[48]bit|mlx|i?q\d.*|k|m|s|xs|0)$/;

/** First day that a model by this name cannot know, such as `2025-05-01`; null for one that is not in the table. */
export function knowledgeEnd(model: string): string | null {
  const name = model.split('/').at(-1)!.toLowerCase();
  const words = name.replace(/^(?:code)?(?:qwen|qwq)[\d.]*/, '').split(/[-_:]/);
  if (!words.every((word) => word === '' || OFFICIAL.test(word))) return null;
  return RELEASES.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}
