import { DcdgetError } from '../domain/errors.ts';
import { CONFIG_KEY, PROCESS_TYPE } from '../domain/names.ts';

/** As JSON. Those of many buildpacks fit together into the trailers of Packman's answer. */
const MAX_BYTES = 32 * 1024;

export type ReleaseOutput = { processTypes: Record<string, string>; configDefaults: Record<string, string> };

/**
 * Reads what a buildpack's bin/release prints: YAML, of which two levels of
 * `key: scalar` under default_process_types and config_vars mean something.
 * Throws build_failed for anything under these two that it cannot read, and when they hold too much.
 */
export function parseReleaseOutput(text: string): ReleaseOutput {
  const sections: Record<string, Record<string, string>> = { default_process_types: {}, config_vars: {} };
  let section: Record<string, string> | undefined;
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*(#.*)?$/.test(line) || line.startsWith('---')) continue;
    if (/^\S/.test(line)) section = sections[/^([a-z_]+):/.exec(line)?.[1] ?? ''];
    else if (section) addEntry(section, line);
  }
  const output = {
    processTypes: checked(sections['default_process_types'], PROCESS_TYPE),
    configDefaults: checked(sections['config_vars'], CONFIG_KEY),
  };
  if (Buffer.byteLength(JSON.stringify(output)) <= MAX_BYTES) return output;
  throw new DcdgetError('build_failed', `The buildpack's bin/release declares more than ${MAX_BYTES / 1024} KiB.`);
}

function addEntry(section: Record<string, string>, line: string): void {
  const match = /^\s+(['"]?)([A-Za-z0-9_-]+)\1:\s+(.+?)\s*$/.exec(line);
  if (!match?.[2] || !match[3]) throw unreadable(line);
  section[match[2]] = unquote(match[3]);
}

function unquote(scalar: string): string {
  const single = /^'((?:[^']|'')*)'$/.exec(scalar);
  if (single?.[1] !== undefined) return single[1].replaceAll("''", "'");
  // As JSON has it: a control character is written with a backslash.
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about
  if (/^"(?:[^"\\\u0000-\u001f]|\\["\\/nt])*"$/.test(scalar)) return JSON.parse(scalar) as string;
  if (/^["'&*!|>{[%@`]/.test(scalar)) throw unreadable(scalar);
  return scalar.replace(/\s+#.*$/, '');
}

function checked(section: Record<string, string> | undefined, names: RegExp): Record<string, string> {
  for (const name of Object.keys(section ?? {})) if (!names.test(name)) throw unreadable(name);
  return section ?? {};
}

function unreadable(what: string): DcdgetError {
  return new DcdgetError('build_failed', `The buildpack's bin/release printed something unreadable: ${what.trim()}`);
}
