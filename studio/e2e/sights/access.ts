// Users, roles, policies, and everything that decides who may do what.
import { AUTHORS, MANAGER, WRITING, type Sight } from './sight';

export const ACCESS: Sight[] = [
  { name: 'policies', path: 'access/policies', who: 'admin' },
  { name: 'roles', path: 'access/roles', who: 'admin' },
  { name: 'role', path: `access/roles/${AUTHORS}`, who: 'admin', prepare: (page) => page.getByText('Nora').first().waitFor() },
  { name: 'role-public', path: 'access/roles/public', who: 'admin' },
  { name: 'users', path: 'access/users', who: 'admin', prepare: (page) => page.getByText('Nora').first().waitFor() },
  { name: 'user', path: `access/users/${MANAGER}`, who: 'admin', prepare: (page) => page.getByLabel('First name').waitFor() },
  { name: 'policy-settings', path: `access/policies/${WRITING}?tab=settings`, who: 'admin', prepare: (page) => page.getByLabel('Name').waitFor() },
  { name: 'policy-holders', path: `access/policies/${WRITING}?tab=holders`, who: 'admin', prepare: (page) => page.getByText('Guest Author').last().waitFor() },
  {
    name: 'permissions',
    path: `access/policies/${WRITING}`,
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('gridcell', { name: /^Authors, Create/ }).focus();
      for (const key of ['Shift+ArrowDown', 'Shift+ArrowRight', 'a']) await page.keyboard.press(key);
      await page.getByRole('button', { name: 'System collections' }).click();
    },
  },
  {
    name: 'permission-items',
    path: `access/policies/${WRITING}`,
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('gridcell', { name: /^Posts, Update/ }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'JSON' }).click();
      await page.getByText(/of 120 match/).waitFor();
    },
  },
  {
    name: 'permission-fields',
    path: `access/policies/${WRITING}`,
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('gridcell', { name: /^Posts, Create/ }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').getByText('Chosen fields').waitFor();
    },
  },
  {
    name: 'permission-review',
    path: `access/policies/${WRITING}`,
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('gridcell', { name: /^Posts, Read/ }).focus();
      await page.keyboard.press('a');
      await page.getByRole('gridcell', { name: /^Posts, Update/ }).focus();
      await page.keyboard.press('n');
      await page.getByRole('button', { name: 'Review' }).click();
      await page.getByText('can read').waitFor();
    },
  },
  { name: 'audit', path: 'access/audit', who: 'admin', prepare: (page) => page.getByText(/checks\./).waitFor() },
  {
    name: 'explain',
    path: 'access/roles/public',
    who: 'admin',
    prepare: async (page) => {
      await page.getByLabel('Collection', { exact: true }).selectOption('posts');
      await page.getByText('Allowed').waitFor();
    },
  },
  {
    name: 'invite',
    path: 'access/users',
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Invite' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'users-none',
    path: 'access/users',
    who: 'admin',
    prepare: async (page) => {
      await page.getByText('Nora').first().waitFor();
      await page.getByLabel('Find by name').fill('nobody is called so');
      await page.getByText('No user fits').waitFor();
    },
  },
  {
    name: 'user-end',
    path: `access/users/${MANAGER}`,
    who: 'admin',
    prepare: async (page) => {
      // What comes later above it would push it down again.
      await page.waitForLoadState('networkidle');
      await page.getByRole('heading', { name: 'Sessions' }).evaluate((heading) => heading.scrollIntoView());
    },
  },
  {
    name: 'user-token',
    path: `access/users/${MANAGER}`,
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('button', { name: /(Make a|Replace the) token/ }).click();
      await page.getByText('Copy it now').waitFor();
    },
  },
  {
    name: 'permission-minimum',
    path: `access/policies/${WRITING}`,
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'System collections' }).click();
      await page.locator('.frame').evaluate((own) => own.scrollTo(0, own.scrollHeight));
    },
  },
  {
    name: 'permission-validation',
    path: `access/policies/${WRITING}`,
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('gridcell', { name: /^Posts, Update/ }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('tab', { name: /^Validation/ }).click();
    },
  },
  {
    name: 'permission-presets',
    path: `access/policies/${WRITING}`,
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('gridcell', { name: /^Posts, Create/ }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('tab', { name: /^Presets/ }).click();
      await page.getByRole('button', { name: 'Preset', exact: true }).click();
    },
  },
  {
    name: 'explain-denied',
    path: `access/roles/${AUTHORS}`,
    who: 'admin',
    prepare: async (page) => {
      await page.getByLabel('Action', { exact: true }).selectOption('delete');
      await page.getByLabel('Collection', { exact: true }).selectOption('tags');
      await page.getByText('Denied').waitFor();
    },
  },
  {
    name: 'audit-fix',
    path: 'access/audit',
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Apply' }).first().click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'policy-administrator', path: 'access/policies', who: 'admin', prepare: async (page) => {
      await page.getByRole('link', { name: /^Administrator/ }).click();
      await page.getByText('This policy makes administrators').waitFor();
    },
  },
  { name: 'access-gone', path: 'access/roles/00000000-0000-4000-8000-000000000000', who: 'admin' },
];
