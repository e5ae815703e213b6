import { bold } from 'ansis';
import { appFlag, DcdgetCommand, requireApp } from '../base-command.ts';

export class BuildsCachePurge extends DcdgetCommand {
  static override summary = 'Forget what earlier builds of an app left; the next deploy compiles from scratch.';
  static override flags = { app: appFlag };

  async run(): Promise<{ app: string }> {
    const { flags } = await this.parse(BuildsCachePurge);
    const app = requireApp(flags.app);
    await this.api.purgeBuildCache(app);
    this.log(`The build cache of ${bold(app)} is empty. The next deploy compiles from scratch.`);
    return { app };
  }
}
