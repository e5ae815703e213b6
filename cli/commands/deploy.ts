import { Args, Flags } from '@oclif/core';
import { bold, cyan, dim, green } from 'ansis';
import { basename, resolve } from 'node:path';
import { gitVersion, imageFile, packFolder, type Archive } from '../archive.ts';
import { appFlag, DcdgetCommand, requireApp } from '../base-command.ts';
import type { App, Build, Operation } from '../api-types.ts';
import type { Change } from '../api.ts';
import { formatBytes, formatDuration } from '../durations.ts';
import { CliError, EXIT, usageError } from '../errors.ts';
import { repositoryToken } from '../repository-token.ts';
import { tookOf } from '../follow-operation.ts';
import { FRAME_MS, LiveArea, spinnerFrame } from '../live-area.ts';

const HERE = '.';

type Wanted = {
  git: string | undefined;
  ref: string | undefined;
  'token-stdin': boolean;
  archive: string | undefined;
  checksum: string | undefined;
  image: string | undefined;
  'source-version': string | undefined;
};
type Deployed = { app: App; build: Build; operation: Operation };

export class Deploy extends DcdgetCommand {
  static override summary =
    'Deploy a folder, a git repository, an archive or an image: compile it, move the app to it.';
  static override description = `With --git or --archive dcdget fetches the source itself, and nothing is uploaded. A private repository is opened by the token in DCDGET_GIT_TOKEN, or by one on stdin; the user before the @ of the URL goes with it.

What .gitignore and .slugignore leave out stays here, and so do .git and node_modules. Ctrl-C stops watching, not the deploy.

An image is a file that docker save wrote, or an OCI image layout in a tar. What it starts becomes the process type web, its environment the app's defaults; it runs as uid 1000 and has to listen on $PORT.

Exit codes: 0 the new release serves; 1 the deploy failed and the old release serves; 75 the deploy waits for an operator; 130 stopped watching; 69 dcdget cannot be reached; 2 wrong usage.`;
  static override args = {
    folder: Args.string({ default: HERE, description: 'the folder that holds the app', ignoreStdin: true }),
  };
  static override flags = {
    app: appFlag,
    git: Flags.string({
      helpValue: 'URL',
      description: 'fetch this repository instead: https://HOST/OWNER/NAME.git',
      exclusive: ['archive', 'image'],
    }),
    ref: Flags.string({
      helpValue: 'REF',
      description: 'branch, tag or whole commit id [default: the default branch]',
      dependsOn: ['git'],
    }),
    'token-stdin': Flags.boolean({ description: "read the repository's token from stdin", dependsOn: ['git'] }),
    archive: Flags.string({ helpValue: 'URL', description: 'fetch this tar.gz instead: any https:// address' }),
    checksum: Flags.string({
      helpValue: 'SHA256:HEX',
      description: 'what the archive must have',
      dependsOn: ['archive'],
    }),
    image: Flags.string({
      helpValue: 'FILE.tar',
      description: 'deploy this image instead',
      exclusive: ['archive', 'git'],
    }),
    'source-version': Flags.string({ helpValue: 'TEXT', description: 'label of the source [default: the git commit]' }),
  };
  static override examples = [
    '<%= config.bin %> deploy --app hello-node',
    '<%= config.bin %> deploy ./api -a my-api --json',
    '<%= config.bin %> deploy --git https://github.com/ada/hello.git --ref v1.2 -a hello-node',
    '<%= config.bin %> deploy --image api.tar -a my-api',
  ];

  async run(): Promise<Deployed> {
    const { args, flags } = await this.parse(Deploy);
    const { git, archive, image } = flags;
    const other = git ?? archive ?? image;
    if (other !== undefined && args.folder !== HERE)
      throw usageError(`Give a folder or ${image === undefined ? 'a URL' : 'an image'}, not both.`);
    const app = await this.api.app(requireApp(flags.app));
    this.log(`Deploying ${bold(other ?? args.folder)} to ${bold(app.name)} ${dim(`at ${this.api.origin}`)}`);
    const { value: build, operationId } = await this.#begin(app, resolve(args.folder), flags);
    if (operationId === undefined) throw new CliError('unexpected_answer', 'The build started no operation.');
    const operation = await this.followToSuccess(operationId);
    this.print([
      '',
      `${green('✔')} ${bold(`${app.name}${versionOf(operation)} is live`)}${tookOf(operation)}`,
      `  ${app.web_url}`,
    ]);
    return { app, build, operation };
  }

  async #begin(app: App, folder: string, wanted: Wanted): Promise<Change<Build>> {
    const version = wanted['source-version'];
    if (wanted.git !== undefined) {
      const token = await repositoryToken(wanted['token-stdin']);
      return this.api.createBuild(app.name, { git: { url: wanted.git, ref: wanted.ref ?? null, token } });
    }
    if (wanted.archive !== undefined) {
      const blob = { url: wanted.archive, version: version ?? null, checksum: wanted.checksum ?? null };
      return this.api.createBuild(app.name, { source_blob: blob });
    }
    if (wanted.image !== undefined) return this.#build(app, imageOf(wanted.image), version ?? basename(wanted.image));
    const tree = { pack: () => packFolder(folder), note: sizeOf };
    return this.#build(app, tree, version ?? (await gitVersion(folder)) ?? null);
  }

  async #build(app: App, { pack, note, kind }: Packed, label: string | null): Promise<Change<Build>> {
    const stop = (): never => {
      process.stderr.write('Stopped before the upload was complete: nothing was deployed.\n');
      process.exit(EXIT.interrupted);
    };
    process.once('SIGINT', stop);
    try {
      using archive = await this.#timed(['packing', 'packed'], pack, note);
      const { source_blob: blob } = await this.api.createSource();
      await this.#timed(['uploading', 'uploaded'], (onProgress) =>
        this.api.upload(blob.put_url, {
          path: archive.file,
          bytes: archive.bytes,
          onProgress: (sentBytes) => onProgress(`${formatBytes(sentBytes)} of ${formatBytes(archive.bytes)}`),
        }),
      );
      const source = { url: blob.get_url, version: label, ...(kind === undefined ? {} : { kind }) };
      return await this.api.createBuild(app.name, { source_blob: source });
    } finally {
      process.removeListener('SIGINT', stop);
    }
  }

  /** Does the work and writes what was done; in a terminal with how far it is meanwhile. */
  async #timed<T>(
    [doing, done]: readonly [doing: string, done: string],
    work: (onProgress: (text: string) => void) => Promise<T>,
    note: (value: T) => string = () => '',
  ): Promise<T> {
    const startedAt = Date.now();
    const line = (mark: string, name: string, text: string): string => {
      const elapsed = formatDuration(Date.now() - startedAt).padStart(10);
      return `${mark}    ${name.padEnd(18)} ${elapsed}  ${dim(text)}`.trimEnd();
    };
    using progress = this.jsonEnabled() ? undefined : showProgress((text) => line(cyan(spinnerFrame()), doing, text));
    const value = await work((text) => progress?.update(text));
    progress?.[Symbol.dispose]();
    this.log(line(green('✔'), done, note(value)));
    return value;
  }
}

type Progress = { update(text: string): void; [Symbol.dispose](): void };

/** One line that is redrawn until it is disposed of; nothing where there is no terminal. */
function showProgress(line: (text: string) => string): Progress | undefined {
  if (!process.stdout.isTTY) return undefined;
  const area = new LiveArea(process.stdout);
  let text = '';
  const timer = setInterval(() => area.write([], [line(text)]), FRAME_MS);
  return {
    update: (newText) => void (text = newText),
    [Symbol.dispose]: () => {
      clearInterval(timer);
      area.close();
    },
  };
}

type Packed = { pack: () => Promise<Archive>; note: (archive: Archive) => string; kind?: 'image' };

function imageOf(file: string): Packed {
  return { pack: () => imageFile(file), note: ({ bytes }) => formatBytes(bytes), kind: 'image' };
}

function sizeOf(archive: Archive): string {
  return `${archive.fileCount} ${archive.fileCount === 1 ? 'file' : 'files'}, ${formatBytes(archive.bytes)}`;
}

function versionOf(operation: Operation): string {
  return operation.release === null ? '' : ` v${operation.release.version}`;
}
