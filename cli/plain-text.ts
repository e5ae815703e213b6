import { stripVTControlCharacters } from 'node:util';

/** One line of what others wrote, without anything that could move the reader's cursor or forge a line. */
export function plainLine(text: string): string {
  return plainText(text).replaceAll('\n', ' ');
}

/** What others wrote, line ends and tabs kept, every other control character dropped. */
export function plainText(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about
  return stripVTControlCharacters(text.replaceAll('\r\n', '\n')).replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g,
    '',
  );
}
