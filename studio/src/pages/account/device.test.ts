// Names of browsers and systems in what browsers send.
import { expect, test } from 'vitest';

import { device } from './device';

test('browsers are told by what they are, not by what they claim to be as well', () => {
  const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
  expect(device(chrome)).toEqual({ browser: 'Chrome', system: 'Linux' });
  expect(device(`${chrome} Edg/140.0.0.0`)).toEqual({ browser: 'Edge', system: 'Linux' });
  expect(device(chrome.replace('X11; Linux x86_64', 'Linux; Android 14'))).toEqual({ browser: 'Chrome', system: 'Android' });
  const safari = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1';
  expect(device(safari)).toEqual({ browser: 'Safari', system: 'iOS' });
});

test('programs are called by their name, and nothing by nothing', () => {
  expect(device('curl/8.5.0')).toBe('curl');
  expect(device(null)).toBeNull();
});
