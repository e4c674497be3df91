/** The catalogue in use. A second language is a second file of the shape of `en`. */

import { en, type Texts } from './en';

export const texts: Texts = en;
