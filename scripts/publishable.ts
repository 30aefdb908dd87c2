import manifest from '../package.json' with { type: 'json' };

// npm runs this before it publishes and at no other time. Where the repository stands is known to its publisher alone.
const { url } = manifest.repository;
if (/\bexample\.org\b/.test(url)) {
  process.stderr.write(
    `Expected the address of the repository in package.json ("repository.url"); it is still the placeholder ${url}. Put in where the code can be read, then publish again.\n`,
  );
  process.exit(1);
}
