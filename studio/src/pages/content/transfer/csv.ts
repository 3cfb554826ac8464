// The first lines of a CSV file, for looking at what would be imported. Cells are separated by what the server would take: of `,`,
// `;`, tab and `|` the one that the first line has most of. It reads; what the cells mean the server alone says.

const SEPARATORS = [',', ';', '\t', '|'];

export interface Sheet {
  names: string[];
  /** Lines below the names. */
  rows: string[][];
}

export function separatorOf(text: string): string {
  const line = firstLine(text);
  const count = (mark: string) => line.split(mark).length;
  return SEPARATORS.reduce((best, mark) => (count(mark) > count(best) ? mark : best));
}

/** What stands in quotes may hold lines, and separators that count for nothing. */
function firstLine(text: string): string {
  let quoted = false;
  let out = '';
  for (const letter of text) {
    if (letter === '"') quoted = !quoted;
    else if (!quoted && (letter === '\n' || letter === '\r')) break;
    else if (!quoted) out += letter;
  }
  return out;
}

/** Reads as many rows as are wanted; a row that the text ends within is left out unless the text is `whole`. */
export function sheet(text: string, most: number, whole: boolean): Sheet {
  const separator = separatorOf(text);
  const lines: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  const end = () => {
    row.push(cell);
    cell = '';
    if (row.length > 1 || row[0] !== '') lines.push(row);
    row = [];
  };
  let at = text.startsWith('\ufeff') ? 1 : 0;
  for (; at < text.length && lines.length <= most; at += 1) {
    const letter = text.charAt(at);
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (text.charAt(at + 1) === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (letter === '"' && cell === '') quoted = true;
    else if (letter === separator) {
      row.push(cell);
      cell = '';
    } else if (letter === '\n' || letter === '\r') {
      if (letter === '\r' && text.charAt(at + 1) === '\n') at += 1;
      end();
    } else cell += letter;
  }
  if (whole && lines.length <= most && (cell || row.length)) end();
  const [names = [], ...rows] = lines;
  return { names: names.map((name) => name.trim()), rows: rows.slice(0, most) };
}
