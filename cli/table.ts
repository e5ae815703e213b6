import { stripVTControlCharacters } from 'node:util';
import { bold, dim } from 'ansis';

export type Cell = string | number | null;

/** Rows under their headings, columns as wide as their widest cell, nothing cut off. */
export function table(headings: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  const body = rows.map((row) => row.map(cellText));
  const widths = headings.map((heading, column) =>
    Math.max(width(heading), ...body.map((row) => width(row[column] ?? ''))),
  );
  return [bold(line(headings, widths)), ...body.map((row) => line(row, widths))];
}

/** `name  value` lines, names aligned. */
export function facts(entries: readonly (readonly [name: string, value: Cell])[]): string[] {
  const nameWidth = Math.max(...entries.map(([name]) => width(name)));
  return entries.map(([name, value]) => `${dim(name.padEnd(nameWidth))}  ${cellText(value)}`);
}

function cellText(cell: Cell): string {
  return cell === null ? '–' : String(cell);
}

function line(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - width(cell)))
    .join('  ')
    .trimEnd();
}

function width(text: string): number {
  return stripVTControlCharacters(text).length;
}
