// HTML with the attributes renamed that browsers complain of where the page's policy forbids them, even when nothing is ever shown:
// handlers and styles. Only well-formed tags are touched. It is no safeguard: that is `sanitise`, and the policy.

const TAG = /<[a-z][^\s/>"'=]*(?:\s+[^\s/>"'=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)*\s*\/?>/gi;
const ATTRIBUTE = /(\s)([^\s/>"'=]+)(\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?/g;

export function hushed(html: string): string {
  return html.replace(TAG, (tag) =>
    tag.replace(ATTRIBUTE, (whole, blank: string, name: string, value: string | undefined) =>
      /^(on.+|style)$/i.test(name) ? `${blank}data-${name.toLowerCase()}${value ?? ''}` : whole,
    ),
  );
}
