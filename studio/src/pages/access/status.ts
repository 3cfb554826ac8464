// The states that an account can be in.

export const STATUSES = ['active', 'invited', 'draft', 'unverified', 'suspended', 'archived'];

/** Only who is active can come in; who is kept out is told apart from who has not come yet. */
export function tone(status: string): 'good' | 'warn' | 'bad' | 'neutral' {
  if (status === 'active') return 'good';
  if (status === 'invited' || status === 'unverified') return 'warn';
  return status === 'suspended' ? 'bad' : 'neutral';
}
