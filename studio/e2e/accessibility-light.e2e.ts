// Every page is accessible when it is light.
import { lookAtEveryPage } from './accessibility';

lookAtEveryPage({ dark: false });
