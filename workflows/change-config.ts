import type { OperationInput, OperationResult } from '../domain/operations.ts';
import { release } from './release.ts';

/** New config vars for the code that runs: the same saga without a compile. */
export function changeConfig(operation: OperationInput): Promise<OperationResult> {
  return release(operation);
}
