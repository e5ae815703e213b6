import { fork, spawnSync, type ChildProcess } from 'node:child_process';

const AHEAD = ['-r', '1'];

/**
 * Forks a module that the kernel runs before everything else, where that is allowed: clients live on
 * machines of their own and do not wait for the processors that the platform and its apps share.
 */
export function forkAhead(module: string, ...args: string[]): ChildProcess {
  const isAllowed = spawnSync('chrt', [...AHEAD, 'true']).status === 0;
  if (!isAllowed) return fork(module, args);
  return fork(module, args, { execPath: 'chrt', execArgv: [...AHEAD, process.execPath] });
}
