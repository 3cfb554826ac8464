// Stored HTML as it may be shown: nothing that runs, nothing that dresses itself, nothing that is fetched from elsewhere. It is for
// showing alone; what is stored stays as it is.
import purify from 'dompurify';

import { hushed } from './hush';

const FORBIDDEN = ['style', 'form', 'input', 'button', 'select', 'textarea', 'iframe', 'object', 'embed', 'audio', 'video', 'source', 'svg', 'math', 'template', 'link', 'meta', 'base'];

purify.addHook('afterSanitizeAttributes', (element) => {
  if (element.tagName === 'A' && element.hasAttribute('href')) {
    element.setAttribute('target', '_blank');
    element.setAttribute('rel', 'noopener noreferrer');
  }
  if (element.tagName !== 'IMG') return;
  // Pictures of other places would tell them who is reading.
  if (isOwn(element.getAttribute('src') ?? '')) return;
  const words = document.createElement('em');
  words.textContent = element.getAttribute('alt') || element.getAttribute('src') || '';
  element.replaceWith(words);
});

export function sanitise(html: string): string {
  return purify.sanitize(hushed(html), {
    USE_PROFILES: { html: true },
    FORBID_TAGS: FORBIDDEN,
    FORBID_ATTR: ['style', 'class', 'id', 'name', 'srcset', 'background', 'action', 'formaction', 'usemap'],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
  });
}

/** Whether an address is of this page's own origin, or holds the picture itself. */
export function isOwn(address: string): boolean {
  if (address.startsWith('data:image/')) return true;
  try {
    return new URL(address, location.href).origin === location.origin;
  } catch {
    return false;
  }
}
