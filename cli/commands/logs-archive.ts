import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Flags } from '@oclif/core';
import type { LogArchive } from '../api-types.ts';
import { appFlag, DcdgetCommand, requireApp } from '../base-command.ts';
import { formatBytes, formatTime } from '../durations.ts';
import { CliError } from '../errors.ts';
import { plainLine } from '../plain-text.ts';
import { table } from '../table.ts';

const UNIT_MS = new Map([
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

export class LogsArchive extends DcdgetCommand {
  static override summary = "List the closed files of an app's log in the archive, or download them.";
  static override flags = {
    app: appFlag,
    since: Flags.string({ helpValue: 'TIME', description: 'what is younger: 2026-01-31, 2026-01-31T12:00Z, 12h, 7d' }),
    ps: Flags.string({ char: 'p', helpValue: 'NAME', description: 'one process (web.1) or all of a type (web)' }),
    download: Flags.string({ helpValue: 'FOLDER', description: 'bring the files here; read them with zstd -dc' }),
    now: Flags.boolean({ default: false, description: 'first archive what servers have closed since the last time' }),
  };
  static override examples = [
    '<%= config.bin %> logs:archive --since 7d --app hello',
    '<%= config.bin %> logs:archive --ps web --download logs --app hello',
  ];

  async run(): Promise<LogArchive[]> {
    const { flags } = await this.parse(LogsArchive);
    const app = requireApp(flags.app);
    const wanted = {
      ...(flags.ps === undefined ? {} : { process: flags.ps }),
      ...(flags.since === undefined ? {} : { since: timeOf(flags.since) }),
    };
    if (flags.now) await this.#archive(app);
    const files = await this.api.logArchives(app, wanted);
    if (flags.download !== undefined) await this.#bring(files, flags.download);
    else if (files.length === 0) this.log(`The archive has no such files of ${app}.`);
    else {
      const rows = files.map(({ process, from, to, size }) => [
        plainLine(process),
        formatTime(from),
        formatTime(to),
        formatBytes(size),
      ]);
      this.print(table(['PROCESS', 'FROM', 'TO', 'SIZE'], rows));
    }
    return files;
  }

  async #archive(app: string): Promise<void> {
    const { files, size, failed } = await this.api.archiveLogs(app);
    this.log(`${files} ${files === 1 ? 'file' : 'files'} archived, ${formatBytes(size)}.`);
    const [first] = failed;
    if (first === undefined) return;
    throw new CliError(
      'archive_failed',
      `Log files wait on ${failed.map(({ server }) => server).join(', ')}: ${first.reason}`,
      {
        hint: 'They are archived later, by themselves.',
      },
    );
  }

  async #bring(files: readonly LogArchive[], folder: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    let brought = 0;
    for (const { name, size, url } of files) {
      const path = join(folder, basename(name));
      if (await hasSize(path, size)) continue;
      try {
        await pipeline(await this.api.download(url), createWriteStream(`${path}.part`));
        await rename(`${path}.part`, path);
      } finally {
        await rm(`${path}.part`, { force: true });
      }
      brought += 1;
    }
    this.log(`${brought} of ${files.length} files brought to ${folder}; the others were there.`);
  }
}

async function hasSize(path: string, bytes: number): Promise<boolean> {
  try {
    return (await stat(path)).size === bytes;
  } catch {
    return false;
  }
}

function timeOf(text: string): string {
  const [, count, unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  const ms = count === undefined ? Date.parse(text) : Date.now() - Number(count) * (UNIT_MS.get(unit) ?? 0);
  if (Number.isNaN(ms))
    throw new CliError('invalid_params', `--since takes a time such as 2026-01-31 or 7d, not ${text}`);
  return new Date(ms).toISOString();
}
