// The page's content security policy, written beside it: nothing from elsewhere, and no script in the page but the one
// that is named by its hash.
import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';

const INLINE = /<script>([\s\S]*?)<\/script>/g;

export function policy(): Plugin {
  return {
    name: 'aedile-policy',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      const page = bundle['index.html'];
      if (page?.type !== 'asset') throw new Error('the page was not built');
      const html = String(page.source);
      if (/\sstyle="|<style|\son\w+="/.test(html)) throw new Error('the page has a style or a handler in itself');
      const hashes = [...html.matchAll(INLINE)].map(([, text]) => `'sha256-${sha256(text ?? '')}'`);
      const rules = [
        "default-src 'none'",
        `script-src 'self' ${hashes.join(' ')}`.trim(),
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
      ];
      this.emitFile({ type: 'asset', fileName: 'index.csp', source: rules.join('; ') });
    },
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
