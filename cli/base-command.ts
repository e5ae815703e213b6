import { Args, Command, Flags } from '@oclif/core';
import { Api } from './api.ts';
import type { Operation } from './api-types.ts';
import { readConnection } from './connection.ts';
import { usageError } from './errors.ts';
import { assertSucceeded, followOperation } from './follow-operation.ts';
import { createOperationView, SILENT_VIEW } from './operation-view.ts';

/** A command of dcdget: what `run` returns is what --json prints, and its errors are told in one place, main.ts. */
export abstract class DcdgetCommand extends Command {
  static override enableJsonFlag = true;

  #api: Api | undefined;

  protected get api(): Api {
    this.#api ??= new Api(readConnection(process.env));
    return this.#api;
  }

  override logJson(json: unknown): void {
    process.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
  }

  override async catch(error: unknown): Promise<never> {
    throw error;
  }

  protected print(lines: readonly string[] | string): void {
    for (const line of [lines].flat()) this.log(line);
  }

  /** Shows the operation until it is final or waits for an operator; SIGINT only stops the watching. */
  protected follow(id: string): Promise<Operation> {
    return followOperation(this.api, id, this.jsonEnabled() ? SILENT_VIEW : createOperationView(process.stdout));
  }

  /** Follows the operation and throws what went wrong, unless it succeeded. */
  protected async followToSuccess(id: string): Promise<Operation> {
    const operation = await this.follow(id);
    assertSucceeded(operation);
    return operation;
  }
}

export const appFlag = Flags.string({
  char: 'a',
  env: 'DCDGET_APP',
  helpValue: 'NAME',
  description: 'the app (DCDGET_APP names the usual one)',
});

export const appArgument = Args.string({ name: 'app', description: 'the app, instead of --app', ignoreStdin: true });

export function requireApp(...names: (string | undefined)[]): string {
  const name = names.find((candidate) => candidate !== undefined && candidate !== '');
  if (name === undefined) throw usageError('Which app?', 'Give --app NAME or set DCDGET_APP.');
  return name;
}
