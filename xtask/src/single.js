// Starts the page from its modules, which lie in it as text, each after those that it imports: a module becomes a blob, and
// what it imports is named by the blobs of those before it.
{
  const addresses = new Map();
  for (const { dataset, textContent } of document.querySelectorAll('script[data-module]')) {
    const source = textContent.replace(/'module:([^']+)'/g, (_, path) => `'${addresses.get(path)}'`);
    const parts = [source, `\n//# sourceURL=${dataset.module}\n`];
    addresses.set(dataset.module, URL.createObjectURL(new Blob(parts, { type: 'text/javascript' })));
  }
  import(addresses.get('main.js'));
}
