/** One line of JSON an event on standard output, where the server's journal takes it. */
export type ServerLog = (event: string, facts: Readonly<Record<string, unknown>>) => void;

export const serverLog: ServerLog = (event, facts) => {
  process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), event, ...facts })}\n`);
};
