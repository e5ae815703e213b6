import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram, type Ran } from './command-line.ts';
import type { Rig } from './rig.ts';
import type { SourceTree } from './source-tree.ts';

/** A developer's machine: a home of its own, a working tree, git and dcdget. */
export type Laptop = {
  home: string;
  /** What its shell has: nothing of this one's. */
  environment: () => NodeJS.ProcessEnv;
  dcdget: (...words: string[]) => Promise<Ran>;
  git: (...words: string[]) => Promise<Ran & { output: string }>;
  /** What git printed. Throws with it when it failed. */
  must: (...words: string[]) => Promise<string>;
  remove: () => void;
};

export function createLaptop(rig: Rig, source: SourceTree): Laptop {
  const home = mkdtempSync(join(tmpdir(), 'dcdget-laptop-'));
  writeFileSync(join(home, '.gitconfig'), '[user]\n\tname = Ada\n\temail = ada@example.com\n');
  const environment = () => ({
    PATH: process.env['PATH'],
    HOME: home,
    GIT_TERMINAL_PROMPT: '0',
    NO_COLOR: '1',
    ...rig.client,
  });
  const git = async (...words: string[]) => {
    const ran = await runProgram('git', words, environment(), source.folder);
    return { ...ran, output: ran.stdout + ran.stderr };
  };
  return {
    home,
    environment,
    dcdget: (...words) =>
      runProgram(join(import.meta.dirname, '../../bin/dcdget'), words, environment(), source.folder),
    git,
    async must(...words) {
      const { exitCode, output } = await git(...words);
      assert.equal(exitCode, 0, `git ${words.join(' ')}:\n${output}`);
      return output.trim();
    },
    remove() {
      source.remove();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
