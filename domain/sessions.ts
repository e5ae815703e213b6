/** Of a running session: its instance has hung up, look. */
export const LOOK_SIGNAL = 'look';

export function sessionWorkflowId(sessionId: string): string {
  return `run/${sessionId}`;
}
