import { dirname } from 'node:path';
import { Errors, flush, run, settings, type Interfaces } from '@oclif/core';
import { COMMANDS, COMMANDS_FILE } from './commands.ts';
import { reportError } from './errors.ts';
import packageFile from './package.json' with { type: 'json' };

// oclif finds the commands by this name in COMMANDS_FILE, which is this file once all is bundled in one.
export { COMMANDS };

/** Runs one command line; the outcome is in process.exitCode. */
export async function main(argv: readonly string[]): Promise<void> {
  settings.tsnodeEnabled = false;
  try {
    await run(spelled(argv), {
      root: dirname(COMMANDS_FILE),
      pjson: packageJson(),
      ignoreManifest: true,
      devPlugins: false,
      userPlugins: false,
    });
    await flush();
  } catch (error) {
    if (error instanceof Errors.ExitError) process.exitCode = error.oclif.exit ?? 0;
    else process.exitCode = reportError(error, wantsJson(argv));
  }
}

function packageJson(): Interfaces.PJSON {
  const commands = { strategy: 'explicit', target: COMMANDS_FILE, identifier: 'COMMANDS' } as const;
  return { ...packageFile, oclif: { ...packageFile.oclif, topicSeparator: ':', commands } };
}

/** `dcdget help deploy` is `dcdget deploy --help`. */
function spelled(argv: readonly string[]): string[] {
  return argv[0] === 'help' ? [...argv.slice(1), '--help'] : [...argv];
}

function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json');
}
