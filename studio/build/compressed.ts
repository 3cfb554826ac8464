// Puts a Brotli and a gzip form beside every built file that gains by it; begins each build with an empty folder.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

/** What is compressed already. */
const DENSE = /\.(woff2|png)$/;

/** What is served as it is: the page is small, and its base is filled in by the server. */
const PLAIN = /^(index\.(html|csp)|\.gitignore)$/;

export function compressed(): Plugin {
  let folder = 'dist';
  return {
    name: 'aedile-compressed',
    apply: 'build',
    configResolved: (config) => {
      folder = join(config.root, config.build.outDir);
    },
    async buildStart() {
      for (const name of await readdir(folder).catch(() => [])) {
        if (name !== '.gitignore') await rm(join(folder, name), { recursive: true });
      }
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      async handler() {
        const files = await readdir(folder, { recursive: true, withFileTypes: true });
        const wanted = files.filter((file) => file.isFile() && !DENSE.test(file.name) && !PLAIN.test(file.name));
        await Promise.all(wanted.map((file) => compress(join(file.parentPath, file.name))));
      },
    },
  };
}

async function compress(path: string): Promise<void> {
  const plain = await readFile(path);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length };
  const forms = {
    br: await promisify(brotliCompress)(plain, { params }),
    gz: await promisify(gzip)(plain, { level: 9 }),
  };
  for (const [kind, body] of Object.entries(forms)) {
    if (body.length < plain.length) await writeFile(`${path}.${kind}`, body);
  }
}
