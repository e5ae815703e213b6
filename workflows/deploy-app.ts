import type { OperationInput, OperationResult } from '../domain/operations.ts';
import { release } from './release.ts';

/** New code: all fifteen steps. */
export function deployApp(operation: OperationInput): Promise<OperationResult> {
  return release(operation);
}
