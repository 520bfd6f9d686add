// What xray-classifier.js offers to other pages: the element <xray-classifier>.

export * from './element/element.js';
