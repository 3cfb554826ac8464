// English: one file for each area of the Studio. A line here for each. What only the pages of one module say is in `late` and comes
// with them (`bring`), so that the first page need not wait for it.
import access from './access.json';
import account from './account.json';
import activity from './activity.json';
import common from './common.json';
import content from './content.json';
import errors from './errors.json';
import type lateModel from './late/model.json';
import model from './model.json';
import settings from './settings.json';
import shell from './shell.json';
import signIn from './sign-in.json';

const english = { access, account, activity, common, content, errors, model, settings, shell, signIn };

export type Texts = typeof english & { model: typeof lateModel };
export default english;
