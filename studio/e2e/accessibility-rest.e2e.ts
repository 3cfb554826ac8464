// Every page that is not of content or its model is accessible.
import { lookAtAll } from './accessibility';
import { CONTENT } from './sights/content';
import { ITEM } from './sights/item';
import { MODEL } from './sights/model';
import { SIGHTS } from './pages';

const elsewhere = new Set([...CONTENT, ...ITEM, ...MODEL]);

lookAtAll(SIGHTS.filter((sight) => !elsewhere.has(sight)));
