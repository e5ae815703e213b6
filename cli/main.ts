import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Errors, flush, run, settings, type Interfaces } from '@oclif/core';
import { COMMANDS } from './commands.ts';
import { reportError } from './errors.ts';
import { DcdgetHelp } from './help.ts';
import packageFile from './package.json' with { type: 'json' };

// oclif finds these by name in a file, which is this one: what is bundled is one file.
export { COMMANDS, DcdgetHelp };
const THIS_FILE = fileURLToPath(import.meta.url);

/** Runs one command line; the outcome is in process.exitCode. */
export async function main(argv: readonly string[]): Promise<void> {
  settings.tsnodeEnabled = false;
  try {
    await run(spelled(argv), {
      root: dirname(THIS_FILE),
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
  const commands = { strategy: 'explicit', target: THIS_FILE, identifier: 'COMMANDS' } as const;
  const helpClass = { target: THIS_FILE, identifier: 'DcdgetHelp' };
  const helpOptions = { all: true, maxWidth: Math.min(process.stdout.columns ?? 80, 100) };
  return { ...packageFile, oclif: { ...packageFile.oclif, topicSeparator: ':', commands, helpClass, helpOptions } };
}

/** `dcdget help deploy` is `dcdget deploy --help`. */
function spelled(argv: readonly string[]): string[] {
  return argv[0] === 'help' ? [...argv.slice(1), '--help'] : [...argv];
}

function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes('--json');
}
