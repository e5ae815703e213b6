import { Help, type Interfaces } from '@oclif/core';

/** Lists every command at once: there are few enough, and their names tell their topics. */
export class DcdgetHelp extends Help {
  protected override get sortedTopics(): Interfaces.Topic[] {
    return [];
  }
}
