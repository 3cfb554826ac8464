// Becoming somebody: every way in, and what is said where there is none.
import type { Page } from 'playwright-core';

import { PASSWORD } from '../server';
import { amended, instead, refusal, type Sight } from './sight';

const CODES = ['k7p2q-9xw4m', 'b3t8r-5zc6n', 'h1f9d-2vy7j', 'w6s4g-8qa3k', 'n5x7e-4rb2u', 'c8m3z-6tp9h', 'y2j5v-1kd8f', 'q4a6w-7gn3s', 'r9e1t-3hx5b', 'u7z8c-9mf2p'];

/** Other ways in than a password, and the way to an account of one's own. */
const withServices = async (page: Page) => {
  await amended<{ project: { public_registration: boolean } }>(page, '/server/info', (told) => (told.project.public_registration = true));
  const data = [
    { name: 'garden', driver: 'openid' },
    { name: 'staff', driver: 'ldap', label: 'Staff directory' },
  ];
  await instead(page, '/auth', { data, disableDefault: false });
};

/** The password once more, and a secret is made. */
const generate = async (page: Page) => {
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('img').waitFor();
};

export const SIGN_IN: Sight[] = [
  { name: 'sign-in', path: 'login' },
  { name: 'forgot-password', path: 'forgot-password' },
  { name: 'reset-password', path: 'reset-password?token=x' },
  { name: 'accept-invite', path: 'accept-invite?token=x' },
  { name: 'register', path: 'register' },
  {
    name: 'second-factor',
    path: 'setup-2fa',
    who: 'admin',
    prepare: generate,
  },
  { name: 'forgot-sent', path: 'forgot-password', prepare: async (page) => {
      await page.getByLabel('Email').fill('nobody@example.com');
      await page.getByRole('button', { name: 'Send link' }).click();
      await page.getByText('a message with a link is on its way').waitFor();
    },
  },
  {
    name: 'sign-in-refused',
    path: 'login',
    prepare: async (page) => {
      await page.getByLabel('Email').fill('nobody@example.com');
      await page.getByLabel('Password', { exact: true }).fill('wrong');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  { name: 'sign-in-services', path: 'login', before: withServices, prepare: (page) => page.getByRole('button', { name: 'Continue with Garden' }).waitFor() },
  {
    name: 'sign-in-directory',
    path: 'login',
    before: withServices,
    prepare: (page) => page.getByRole('button', { name: 'Continue with Staff directory' }).click(),
  },
  {
    name: 'sign-in-code',
    path: 'login',
    before: (page) => instead(page, '/auth/login', refusal('INVALID_OTP', 'Invalid user OTP.'), 401),
    prepare: async (page) => {
      await page.getByLabel('Email').fill('nora@example.com');
      await page.getByLabel('Password', { exact: true }).fill('a-password');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'Code' }).waitFor();
    },
  },
  { name: 'sign-in-note', path: 'login?note=reset' },
  {
    name: 'first-run',
    path: 'login',
    before: (page) => amended<{ setupCompleted: boolean }>(page, '/server/info', (told) => (told.setupCompleted = false)),
    prepare: (page) => page.getByText('This project has no users yet').waitFor(),
  },
  {
    name: 'register-sent',
    path: 'register',
    before: (page) => instead(page, '/users/register', {}, 204),
    prepare: async (page) => {
      await page.getByLabel('Email').fill('lena@example.com');
      await page.getByRole('textbox', { name: /^Password/ }).fill('a-password');
      await page.getByRole('button', { name: 'Create an account' }).click();
      await page.getByText('Almost there').waitFor();
    },
  },
  { name: 'reset-incomplete', path: 'reset-password' },
  {
    name: 'reset-expired',
    path: 'reset-password?token=x',
    prepare: async (page) => {
      await page.getByLabel('New password', { exact: true }).fill('a-password');
      await page.getByLabel('Password again', { exact: true }).fill('a-password');
      await page.locator('button[type=submit]').click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'held-up',
    path: '',
    who: 'author',
    before: async (page) => {
      await instead(page, '/studio/boot', refusal('FORBIDDEN', 'A second factor is needed.'), 403);
      await instead(page, '/policies/me/globals', { data: { app_access: true, admin_access: false, enforce_tfa: true } });
    },
    prepare: (page) => page.getByText('needs a second factor').waitFor(),
  },
  {
    name: 'recovery-codes',
    path: 'setup-2fa',
    who: 'author',
    before: (page) => instead(page, '/users/me/tfa/enable', { data: { recovery_codes: CODES } }),
    prepare: async (page) => {
      await generate(page);
      await page.getByLabel('Code', { exact: true }).fill('123456');
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByRole('list', { name: 'Recovery codes' }).waitFor();
    },
  },
];
