// The element <xray-classifier> for other pages. xray-classifier.d.ts says what it offers.

export { XrayClassifierElement } from './element/element.js';
