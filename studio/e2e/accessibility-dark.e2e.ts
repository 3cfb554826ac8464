// Every page is accessible when it is dark.
import { lookAtEveryPage } from './accessibility';

lookAtEveryPage({ dark: true });
