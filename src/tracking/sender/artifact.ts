import { hash, randomBytes } from 'node:crypto';
import type { TrackedRun } from '../tracker.ts';
import { type Content, contentsOf, headersOf, md5Of, type Place, type Query, upload } from './files.ts';
import { NotUnderstood, Refused } from './refused.ts';

// The mutations of the Python client, which the SDK has not.
const CREATE = `mutation CreateArtifact($artifactTypeName: String!, $artifactCollectionNames: [String!], $entityName: String!, $projectName: String!, $runName: String, $description: String, $digest: String!, $aliases: [ArtifactAliasInput!], $metadata: JSONString, $clientID: ID, $sequenceClientID: ID, $enableDigestDeduplication: Boolean) {
  createArtifact(input: { artifactTypeName: $artifactTypeName, artifactCollectionNames: $artifactCollectionNames, entityName: $entityName, projectName: $projectName, runName: $runName, description: $description, digest: $digest, digestAlgorithm: MANIFEST_MD5, aliases: $aliases, metadata: $metadata, clientID: $clientID, sequenceClientID: $sequenceClientID, enableDigestDeduplication: $enableDigestDeduplication }) { artifact { id state } }
}`;
const MANIFEST = `mutation CreateArtifactManifest($name: String!, $digest: String!, $artifactID: ID!, $entityName: String!, $projectName: String!, $runName: String!, $type: ArtifactManifestType = FULL) {
  createArtifactManifest(input: { name: $name, digest: $digest, artifactID: $artifactID, entityName: $entityName, projectName: $projectName, runName: $runName, type: $type }) { artifactManifest { id file { uploadUrl uploadHeaders } } }
}`;
const FILES = `mutation CreateArtifactFiles($storageLayout: ArtifactStorageLayout!, $artifactFiles: [CreateArtifactFileSpecInput!]!) {
  createArtifactFiles(input: { artifactFiles: $artifactFiles, storageLayout: $storageLayout }) { files { edges { node { name uploadUrl uploadHeaders } } } }
}`;
const COMMIT = `mutation CommitArtifact($artifactID: ID!) {
  commitArtifact(input: { artifactID: $artifactID }) { artifact { id digest } }
}`;

interface Upload {
  readonly uploadUrl?: string;
  readonly uploadHeaders?: readonly string[];
}

/**
 * Brings the files of a kept strategy to the server as an artifact: under its own name, with a version for each content. The server knows a
 * content that it holds already by its digest, so a second time sends nothing. Throws Refused; a server without artifacts is the item's fault.
 */
export async function storeArtifact(run: TrackedRun, runDir: string, place: Place, query: Query): Promise<void> {
  if (!run.artifact) return;
  const entries = contentsOf(runDir, run.artifact.files);
  // Without all of its files it is not the strategy that was kept.
  if (entries.length < run.artifact.files.length || entries.length === 0) return;
  try {
    await store(run.artifact, entries, place, query);
  } catch (error) {
    // An answer in another shape is one of a server that has no artifacts.
    if (error instanceof NotUnderstood || error instanceof TypeError)
      throw new Refused(`the artifact ${run.artifact.name} was not stored: ${error.message}`, true);
    throw error;
  }
}

async function store(
  { name, type, description, aliases, metadata }: NonNullable<TrackedRun['artifact']>,
  entries: readonly Content[],
  { entity, project, run }: Place,
  query: Query,
): Promise<void> {
  const where = { entityName: entity, projectName: project, runName: run };
  const digest = digestOf(entries);
  const { artifact } = (
    await query(CREATE, {
      ...where,
      artifactTypeName: type,
      artifactCollectionNames: [name],
      description,
      digest,
      aliases: aliases.map((alias) => ({ artifactCollectionName: name, alias })),
      metadata: JSON.stringify(metadata),
      clientID: randomBytes(32).toString('hex'),
      sequenceClientID: randomBytes(32).toString('hex'),
      enableDigestDeduplication: true,
    })
  ).createArtifact as { artifact: { id: string; state: string } };
  if (artifact.state === 'COMMITTED') return;
  const manifest = Buffer.from(manifestOf(entries));
  const asked = { name: 'wandb_manifest.json', digest: md5Of(manifest), artifactID: artifact.id, type: 'FULL' };
  const { artifactManifest } = (await query(MANIFEST, { ...where, ...asked })).createArtifactManifest as {
    artifactManifest: { id: string; file: Upload };
  };
  const specs = entries.map((entry) => ({
    artifactID: artifact.id,
    name: entry.name,
    md5: entry.md5,
    artifactManifestID: artifactManifest.id,
  }));
  const { files } = (await query(FILES, { storageLayout: 'V2', artifactFiles: specs })).createArtifactFiles as {
    files: { edges: readonly { node: Upload & { name: string } }[] };
  };
  for (const entry of entries) {
    const node = files.edges.find((edge) => edge.node.name === entry.name)?.node;
    // Without an address the server holds this content already.
    if (node?.uploadUrl) await upload(node.uploadUrl, headersOf(node.uploadHeaders), entry.content, entry.name);
  }
  const { uploadUrl, uploadHeaders } = artifactManifest.file;
  if (!uploadUrl) throw new Refused('the tracking server gave no address for its manifest', true);
  await upload(uploadUrl, headersOf(uploadHeaders), manifest, 'wandb_manifest.json');
  const { artifact: stored } = (await query(COMMIT, { artifactID: artifact.id })).commitArtifact as {
    artifact: { digest: string };
  };
  if (stored.digest !== digest) throw new Refused(`the server says digest ${stored.digest}, ${digest} was sent`, true);
}

/** By which the server tells contents apart: MD5 over the names and their MD5s, in order. */
function digestOf(entries: readonly Content[]): string {
  const lines = entries.map(({ name, md5 }) => `${name}:${md5}\n`).sort();
  return hash('md5', `wandb-artifact-manifest-v1\n${lines.join('')}`, 'hex');
}

function manifestOf(entries: readonly Content[]): string {
  return JSON.stringify({
    version: 1,
    storagePolicy: 'wandb-storage-policy-v1',
    storagePolicyConfig: { storageLayout: 'V2' },
    contents: Object.fromEntries(
      entries.map(({ name, md5, content }) => [name, { digest: md5, size: content.length }]),
    ),
  });
}
