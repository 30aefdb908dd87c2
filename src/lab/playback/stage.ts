import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { projectFile } from '../../base/roots.ts';
import type { RalphConfig } from '../../loop/config.ts';
import { readMarketConfig } from '../../market/config.ts';
import { configPath } from '../../task/config-path.ts';

/** A project folder for one replay: strategies, config and data by link, prompts as a copy, an empty inbox, no run. */
export interface Stage {
  readonly dir: string;
  readonly configDir: string;
  /** Puts a text in the place of prompts/program.md. */
  program(text: string): void;
  remove(): void;
}

/** `settings` is ralph.yaml as recorded, `folder` the config folder that the run was started with. */
export function setStage(projectDir: string, tag: string, folder: string, settings: RalphConfig): Stage {
  const dir = mkdtempSync(join(tmpdir(), 'ralph-replay-'));
  for (const part of ['strategies', 'config']) symlinkSync(projectFile(projectDir, part), join(dir, part));
  cpSync(projectFile(projectDir, 'prompts'), join(dir, 'prompts'), { recursive: true });
  rmSync(join(dir, 'prompts', 'hints'), { recursive: true, force: true });
  mkdirSync(join(dir, 'prompts', 'hints'), { recursive: true });
  const recorded = resolve(projectDir, folder);
  const { dataDir } = readMarketConfig(configPath(projectDir, recorded, 'market.yaml'));
  if (!isAbsolute(dataDir)) {
    mkdirSync(dirname(join(dir, dataDir)), { recursive: true });
    symlinkSync(join(projectDir, dataDir), join(dir, dataDir));
  }
  const configDir = join(dir, 'recorded');
  mkdirSync(configDir);
  for (const name of ['market.yaml', 'windows.yaml', 'gates.yaml'])
    symlinkSync(configPath(projectDir, recorded, name), join(configDir, name));
  writeFileSync(join(configDir, 'ralph.yaml'), stringify(settings));
  mkdirSync(join(dir, 'runs', tag), { recursive: true });
  return {
    dir,
    configDir,
    program: (text) => writeFileSync(join(dir, 'prompts', 'program.md'), text),
    remove: () => rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }),
  };
}
