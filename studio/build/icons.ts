// `import pencil from 'icon:pencil'`: the shapes of one Lucide icon, without the frame that they all share.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Plugin } from 'vite';

const PREFIX = 'icon:';

export function icons(): Plugin {
  const require = createRequire(import.meta.url);
  return {
    name: 'aedile-icons',
    enforce: 'pre',
    resolveId: (id) => (id.startsWith(PREFIX) ? `\0${id}` : undefined),
    async load(id) {
      if (!id.startsWith(`\0${PREFIX}`)) return undefined;
      const name = id.slice(PREFIX.length + 1);
      const text = await readFile(require.resolve(`lucide-static/icons/${name}.svg`), 'utf8');
      const shapes = text.slice(text.indexOf('>', text.indexOf('<svg')) + 1, text.lastIndexOf('</svg>'));
      return `export default ${JSON.stringify(shapes.replace(/\s+/g, ' ').replaceAll('> <', '><').trim())}`;
    },
  };
}
