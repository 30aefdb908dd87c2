import { createHash } from 'node:crypto';

/** An artifact as the server keeps it: one version of a collection. */
export interface StoredArtifact {
  readonly collection: string;
  readonly type: string;
  readonly run: string;
  readonly digest: string;
  readonly aliases: string[];
  readonly metadata: Record<string, unknown>;
  /** What was uploaded, by name, the manifest included. */
  readonly files: Record<string, Buffer>;
  state: 'PENDING' | 'COMMITTED';
}

const MANIFEST = 'wandb_manifest.json';

/** The artifacts of the server: created, filled, and committed when manifest and files fit each other and the digest. */
export class Artifacts {
  readonly all: StoredArtifact[] = [];
  readonly #baseUrl: () => string;

  constructor(baseUrl: () => string) {
    this.#baseUrl = baseUrl;
  }

  /** Answers a mutation about artifacts; undefined for any other query. */
  answer(query: string, variables: Record<string, unknown>): Record<string, unknown> | undefined {
    if (query.includes('createArtifactManifest(')) return this.#manifest(variables as { artifactID: string });
    if (query.includes('createArtifactFiles(')) return this.#files(variables as { artifactFiles: Spec[] });
    if (query.includes('commitArtifact(')) return this.#commit(variables as { artifactID: string });
    return query.includes('createArtifact(') ? this.#create(variables as unknown as Created) : undefined;
  }

  put(path: string, content: Buffer): void {
    const [, , , id, name] = path.split('/');
    const artifact = this.all[Number(id)];
    if (artifact) artifact.files[decodeURIComponent(name)] = content;
  }

  #create(given: Created): Record<string, unknown> {
    const [collection] = given.artifactCollectionNames;
    const same = this.all.findIndex((each) => each.collection === collection && each.digest === given.digest);
    const known = given.enableDigestDeduplication ? same : -1;
    if (known < 0)
      this.all.push({
        collection,
        type: given.artifactTypeName,
        run: given.runName,
        digest: given.digest,
        aliases: given.aliases.map(({ alias }) => alias),
        metadata: JSON.parse(given.metadata),
        files: {},
        state: 'PENDING',
      });
    const id = known < 0 ? this.all.length - 1 : known;
    return { createArtifact: { artifact: { id: String(id), state: this.all[id].state } } };
  }

  #manifest({ artifactID }: { artifactID: string }): Record<string, unknown> {
    return { createArtifactManifest: { artifactManifest: { id: 'm', file: this.#address(artifactID, MANIFEST) } } };
  }

  #files({ artifactFiles }: { artifactFiles: Spec[] }): Record<string, unknown> {
    const edges = artifactFiles.map(({ artifactID, name }) => ({ node: { name, ...this.#address(artifactID, name) } }));
    return { createArtifactFiles: { files: { edges } } };
  }

  #commit({ artifactID }: { artifactID: string }): Record<string, unknown> {
    const artifact = this.all[Number(artifactID)];
    const { contents } = JSON.parse(String(artifact.files[MANIFEST])) as {
      contents: Record<string, { digest: string }>;
    };
    const lines = Object.entries(contents).map(([name, { digest }]) => `${name}:${digest}\n`);
    const digest = createHash('md5')
      .update(`wandb-artifact-manifest-v1\n${lines.sort().join('')}`)
      .digest('hex');
    const whole = Object.entries(contents).every(([name, entry]) => entry.digest === md5Of(artifact.files[name]));
    if (whole && digest === artifact.digest) artifact.state = 'COMMITTED';
    return { commitArtifact: { artifact: { id: artifactID, digest: whole ? digest : 'incomplete' } } };
  }

  #address(id: string, name: string) {
    const uploadUrl = `${this.#baseUrl()}/storage/artifacts/${id}/${encodeURIComponent(name)}`;
    return { uploadUrl, uploadHeaders: ['x-signed: yes'] };
  }
}

interface Created {
  readonly artifactTypeName: string;
  readonly artifactCollectionNames: readonly string[];
  readonly runName: string;
  readonly digest: string;
  readonly aliases: readonly { readonly alias: string }[];
  readonly metadata: string;
  readonly enableDigestDeduplication: boolean;
}

interface Spec {
  readonly artifactID: string;
  readonly name: string;
}

function md5Of(content: Buffer | undefined): string {
  return createHash('md5')
    .update(content ?? '')
    .digest('base64');
}
