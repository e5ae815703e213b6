/** Shell that tells `open: ADDRESS PORT` of those that answer; all at once, since what is dropped takes its time. */
export function probesOf(doors: readonly string[]): string {
  const probe = (door: string) =>
    `(timeout 2 bash -c 'exec 3<>/dev/tcp/${door.replace(' ', '/')}' 2>/dev/null && echo "open: ${door}") &`;
  return [...doors.map(probe), 'wait'].join('\n');
}

/** Those that it told of, sorted. */
export function found(output: string): string[] {
  return [...output.matchAll(/open: (\S+ \d+)/g)].map(([, door = '']) => door).toSorted();
}
