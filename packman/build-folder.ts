import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { mountBuildDisk, unmountBuildDisk } from './build-disk.ts';
import { killContainer } from './container.ts';

/** The first uid of the range that containers of a server have. */
const SHIFTED_ROOT = 100_000;

/** All that one build has on the server: a folder with a disk of its own mounted in it. */
export class BuildFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(buildsFolder: string, diskMb: number): Promise<BuildFolder> {
    const folder = new BuildFolder(join(buildsFolder, `build-${randomBytes(6).toString('hex')}`));
    try {
      await folder.#fill(diskMb);
    } catch (error) {
      await folder.remove();
      throw error;
    }
    return folder;
  }

  /** What an earlier run of Packman left, from a crash for instance. */
  static async removeAll(buildsFolder: string): Promise<void> {
    await mkdir(buildsFolder, { recursive: true });
    await admitContainers(buildsFolder);
    const real = await realpath(buildsFolder);
    for (const name of await readdir(real)) await new BuildFolder(join(real, name)).remove();
  }

  get containerName(): string {
    return basename(this.path);
  }

  get parent(): string {
    return dirname(this.path);
  }

  get disk(): string {
    return join(this.path, 'disk');
  }

  get given(): string {
    return join(this.disk, 'in');
  }

  get made(): string {
    return join(this.disk, 'out');
  }

  async giveParameters(
    parameters: Record<string, string>,
    buildpacks: readonly string[],
    environment: Record<string, string>,
  ): Promise<void> {
    const lines = Object.entries(parameters).map(([key, value]) => `${key}=${value}\n`);
    await writeFile(join(this.given, 'parameters'), lines.join(''));
    await writeFile(join(this.given, 'buildpacks'), buildpacks.map((line) => `${line}\n`).join(''));
    for (const [key, value] of Object.entries(environment)) {
      await writeFile(join(this.given, 'environment', key), value);
    }
  }

  async remove(): Promise<void> {
    await killContainer(this.parent, this.containerName);
    await unmountBuildDisk(this.disk);
    await rm(this.path, { recursive: true, force: true });
  }

  async #fill(diskMb: number): Promise<void> {
    await mkdir(this.disk, { recursive: true });
    await admitContainers(this.path);
    await mountBuildDisk(join(this.path, 'disk.ext4'), this.disk, diskMb);
    await chmod(this.disk, 0o755);
    await mkdir(join(this.given, 'environment'), { recursive: true });
    for (const name of ['upper', 'work', 'out']) {
      await mkdir(join(this.disk, name), { mode: name === 'out' ? 0o700 : 0o755 });
      await chown(join(this.disk, name), SHIFTED_ROOT, SHIFTED_ROOT);
    }
  }
}

/** Lets the root of a container pass through a folder that nobody else may enter. */
async function admitContainers(folder: string): Promise<void> {
  await chown(folder, 0, SHIFTED_ROOT);
  await chmod(folder, 0o710);
}
