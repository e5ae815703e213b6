import { DcdgetError } from '../domain/errors.ts';
import { PROCESS_TYPE } from '../domain/names.ts';

const MAX_COMMAND_CHARACTERS = 4096;
const MAX_PROCESS_TYPES = 50;

/** Process type → command. Throws build_failed naming the line for anything that is not `type: command`. */
export function parseProcfile(text: string): Record<string, string> {
  const types = new Map<string, string>();
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue;
    const [type, command] = parseLine(line, index + 1);
    if (types.has(type)) throw refused(index + 1, `declares ${type} a second time`);
    types.set(type, command);
  }
  if (types.size > MAX_PROCESS_TYPES) {
    throw new DcdgetError('build_failed', `The Procfile declares more than ${MAX_PROCESS_TYPES} process types.`);
  }
  return Object.fromEntries(types);
}

function parseLine(line: string, number: number): [type: string, command: string] {
  const match = /^([^:\s]+)[ \t]*:(.*)$/.exec(line);
  const type = match?.[1] ?? '';
  const command = match?.[2]?.trim() ?? '';
  if (!match) throw refused(number, 'is not of the form `type: command`');
  if (!PROCESS_TYPE.test(type)) {
    throw refused(number, 'names a process type that is not lowercase letters, digits, hyphens and underscores');
  }
  if (command === '') throw refused(number, `gives ${type} no command`);
  if (command.length > MAX_COMMAND_CHARACTERS)
    throw refused(number, `is longer than ${MAX_COMMAND_CHARACTERS} characters`);
  if (hasControlCharacter(command)) throw refused(number, 'holds a control character');
  return [type, command];
}

function hasControlCharacter(text: string): boolean {
  return /[\x00-\x08\x0a-\x1f\x7f]/.test(text);
}

function refused(line: number, sentence: string): DcdgetError {
  return new DcdgetError('build_failed', `Line ${line} of the Procfile ${sentence}.`);
}
