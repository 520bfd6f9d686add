// Every sentence that the page writes, in the language that is chosen.

import { language } from './language.js';
import { german } from './de.js';
import { english } from './en.js';

export const messages = { de: german, en: english }[language];
