import { createInterface } from 'node:readline/promises';
import { CliError, EXIT, usageError } from './errors.ts';

/** Asks a person; without one to ask, throws a usage error with the hint that says how to do without. */
export async function ask(question: string, hintWithoutTerminal: string): Promise<string> {
  if (!process.stdin.isTTY)
    throw usageError('This asks a question, and there is no terminal to ask in.', hintWithoutTerminal);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const interrupted = new Promise<never>((_, reject) =>
    terminal.once('SIGINT', () => {
      process.stderr.write('\n');
      reject(notAnswered());
    }),
  );
  try {
    return (await Promise.race([terminal.question(question), interrupted])).trim();
  } finally {
    terminal.close();
  }
}

export async function confirm(question: string, hintWithoutTerminal: string): Promise<boolean> {
  const answer = await ask(`${question} [y/N] `, hintWithoutTerminal);
  return /^y(es)?$/i.test(answer);
}

export function declined(): CliError {
  return new CliError('declined', 'Nothing was changed.', { exitCode: EXIT.failed });
}

function notAnswered(): CliError {
  return new CliError('interrupted', 'Nothing was changed.', { exitCode: EXIT.interrupted });
}
