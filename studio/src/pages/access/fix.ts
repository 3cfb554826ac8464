// The change that the audit proposes, as the requests it is told in: `PATCH /permissions/12 {…}; DELETE /permissions/13`. What
// is not exactly such requests is nothing that can be applied; must never guess at one.

export interface Request {
  method: 'PATCH' | 'DELETE';
  path: string;
  body?: unknown;
}

/** Where changes of the audit are: rows of the system. */
const HEAD = /^(?:(PATCH) (\/[\w-]+(?:\/[\w-]+)?) (?=\{)|(DELETE) (\/[\w-]+\/[\w-]+))/;

/** The requests of a change; nothing where some of it is not understood. */
export function requests(change: string): Request[] | null {
  const found: Request[] = [];
  for (let rest = change; rest; ) {
    const head = HEAD.exec(rest);
    if (!head) return null;
    rest = rest.slice(head[0].length);
    if (head[1]) {
      const end = objectEnd(rest);
      if (end === null) return null;
      try {
        found.push({ method: 'PATCH', path: head[2] ?? '', body: JSON.parse(rest.slice(0, end)) });
      } catch {
        return null;
      }
      rest = rest.slice(end);
    } else remove(found, head[4] ?? '');
    if (rest && !rest.startsWith('; ')) return null;
    rest = rest.slice(2);
  }
  return found.length ? found : null;
}

/** Rows of one collection go in one request, which is done as a whole or not at all. */
function remove(found: Request[], path: string): void {
  const [collection = '', key = ''] = path.slice(1).split('/');
  const last = found.at(-1);
  if (last?.method === 'DELETE' && last.path === `/${collection}`) (last.body as string[]).push(key);
  else found.push({ method: 'DELETE', path: `/${collection}`, body: [key] });
}

/** Where the object at the beginning ends; braces in texts do not count. */
function objectEnd(text: string): number | null {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at];
    if (quoted && letter === '\\') at += 1;
    else if (letter === '"') quoted = !quoted;
    else if (!quoted && letter === '{') depth += 1;
    else if (!quoted && letter === '}') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return null;
}
