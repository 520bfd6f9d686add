// The classifier for other pages and programs: no element, no page, nothing global. covid-classifier.d.ts says what there is.

export { ClassifierError, createClassifier } from './reader/classifier.js';
