// Every page of content and its model is accessible.
import { lookAtAll } from './accessibility';
import { CONTENT } from './sights/content';
import { ITEM } from './sights/item';
import { MODEL } from './sights/model';

lookAtAll([...CONTENT, ...ITEM, ...MODEL]);
