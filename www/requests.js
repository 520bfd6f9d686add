// What the page asked of the network since the model was loaded, as the browser itself counts it: page and worker together.

import { byId } from './dom.js';
import { messages } from './messages.js';

let count = 0;

/** Starts to count. Called when everything is loaded. */
export function countRequests() {
  show();
  const since = performance.now();
  new PerformanceObserver((list) => {
    addRequests(list.getEntries().filter(({ startTime }) => startTime > since).length);
  }).observe({ type: 'resource' });
}

/** @param {number} more requests, of the page or of its worker */
export function addRequests(more) {
  count += more;
  show();
}

function show() {
  const line = byId('requests');
  line.hidden = false;
  line.dataset.count = String(count);
  line.textContent = messages.requests.since(count);
}
