/**
 * What a candidate could try that had found a way out of the compartment: JavaScript with all of Node in its hands, run in
 * the evaluation process. Each expression must be refused by Node's permissions or by the kernel. `OTHER` is a
 * file beside the window file, `WINDOW` the window file, `PORT` a server that listens on this machine.
 */
export const ESCAPED: Readonly<Record<string, string>> = {
  'files: writing to the temporary folder': "require('fs').writeFileSync(TMP + '-escaped', 'x')",
  'files: appending to the window file': "require('fs').appendFileSync(WINDOW, 'x')",
  'files: opening the window file for writing': "require('fs').openSync(WINDOW, 'r+')",
  'files: truncating the window file': "require('fs').truncateSync(WINDOW, 0)",
  'files: deleting the window file': "require('fs').unlinkSync(WINDOW)",
  'files: renaming the window file': "require('fs').renameSync(WINDOW, WINDOW + '.x')",
  'files: chmod of the window file': "require('fs').chmodSync(WINDOW, 0o777)",
  'files: reading another window': "require('fs').readFileSync(OTHER)",
  'files: reading /etc/passwd': "require('fs').readFileSync('/etc/passwd')",
  'files: reading the project': "require('fs').readFileSync(PROJECT + '/package.json')",
  'files: listing a folder': "require('fs').readdirSync('/')",
  'files: a symbolic link to another file': "require('fs').symlinkSync(OTHER, TMP + '-link')",
  'files: a hard link': "require('fs').linkSync(WINDOW, TMP + '-hard')",
  'files: making a folder': "require('fs').mkdirSync(TMP + '-dir')",
  'files: a path that climbs out of the window file':
    "require('fs').readFileSync(WINDOW + '/../' + OTHER.split('/').pop())",
  'files: a path as a buffer': "require('fs').readFileSync(Buffer.from(OTHER))",
  'files: promises': "require('fs').promises.readFile(OTHER)",
  'files: a stream for writing':
    "new Promise((_, no) => require('fs').createWriteStream(TMP + '-stream').on('error', no))",
  'files: shared memory': "require('fs').writeFileSync('/dev/shm/ralph', 'x')",
  'files: a database': "new (require('node:sqlite').DatabaseSync)(TMP + '.sqlite').exec('create table a (b)')",
  'files: a heap snapshot': "require('v8').writeHeapSnapshot(TMP + '.heapsnapshot')",
  'files: a log of the engine':
    "(require('v8').setFlagsFromString('--logfile=' + TMP + '.log'), require('v8').setFlagsFromString('--log'), require('v8').setFlagsFromString('--prof'), Promise.reject(new Error('checked at the end')))",
  'files: a snapshot when memory runs short':
    "(require('v8').setHeapSnapshotNearHeapLimit(1), Promise.reject(new Error('checked at the end')))",
  'files: a profile': "(() => { const p = new (require('inspector').Session)(); p.connect(); })()",
  'files: a file as a blob': "require('fs').openAsBlob(OTHER)",
  'files: an environment file': 'process.loadEnvFile(OTHER)',
  'files: a diagnostic report': "process.report.writeReport(TMP + '-report.json')",
  'files: loading a module from disk': "require(PROJECT + '/node_modules/yaml')",
  'environment: of this process': "require('fs').readFileSync('/proc/self/environ')",
  'environment: of the harness': "require('fs').readFileSync('/proc/' + process.ppid + '/environ')",
  'environment: the command line of the harness': "require('fs').readFileSync('/proc/' + process.ppid + '/cmdline')",
  'memory of the harness': "require('fs').openSync('/proc/' + process.ppid + '/mem', 'r+')",
  'network: a connection': "new Promise((yes, no) => require('net').connect(PORT, '127.0.0.1', yes).on('error', no))",
  'network: http': "new Promise((yes, no) => require('http').get('http://127.0.0.1:' + PORT, yes).on('error', no))",
  'network: fetch': "fetch('http://127.0.0.1:' + PORT)",
  'network: a server':
    "new Promise((yes, no) => require('net').createServer().listen(0, () => yes(1)).on('error', no))",
  'network: UDP':
    "new Promise((yes, no) => { const s = require('dgram').createSocket('udp4'); s.on('error', no); s.send('x', PORT, '127.0.0.1', (e) => (e ? no(e) : yes(1))); })",
  'network: a name looked up': "require('dns').promises.lookup('localhost')",
  'network: a name resolved': "require('dns').promises.resolve('example.com')",
  'children: spawn':
    "new Promise((yes, no) => require('child_process').spawn('/bin/true').on('error', no).on('exit', yes))",
  'children: execSync': "require('child_process').execSync('id')",
  'children: fork':
    "new Promise((yes, no) => require('child_process').fork('/dev/null').on('error', no).on('exit', yes))",
  'children: cluster': "require('cluster').fork()",
  'children: becoming another program': "process.execve('/bin/true', ['true'])",
  'workers: a thread': "new (require('worker_threads').Worker)('1', { eval: true })",
  'addons: dlopen': "process.dlopen({ exports: {} }, '/lib/x86_64-linux-gnu/libc.so.6')",
  'addons: require of a .node file': "require(TMP + '.node')",
  'addons: WASI': "new (require('node:wasi').WASI)({ version: 'preview1', preopens: { '/': '/' } })",
  'inspector: open': "require('inspector').open(0)",
  'inspector: a session': "new (require('inspector').Session)().connect()",
  'tracing to a file': "require('trace_events').createTracing({ categories: ['node'] }).enable()",
};
