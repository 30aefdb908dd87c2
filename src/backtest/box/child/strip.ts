/** Powers of a Node process that the evaluation never needs: signals, native code, other identities, own streams. */
const POWERS = `kill _kill abort dlopen binding _linkedBinding getBuiltinModule mainModule chdir umask setuid setgid seteuid setegid
  setgroups initgroups reallyExit execve report stdin stdout stderr openStdin loadEnvFile _debugProcess _debugEnd
  _rawDebug _startProfilerIdleNotifier _stopProfilerIdleNotifier send disconnect features config
  _getActiveHandles _getActiveRequests getActiveResourcesInfo env argv execArgv execPath title`;
/** What Node puts on the global object; the engine uses language and typed arrays alone. */
const GLOBALS = `require module exports __filename __dirname process fetch WebSocket EventSource XMLHttpRequest Worker navigator
  setTimeout setInterval clearTimeout clearInterval setImmediate clearImmediate queueMicrotask performance crypto
  Navigator Blob BroadcastChannel MessageChannel MessagePort WebAssembly SharedArrayBuffer Atomics storage localStorage
  sessionStorage console global structuredClone`;

/**
 * Takes from this process what it does not need. The compartment already hides all of it; this is for the day on which
 * somebody finds a way out of the compartment, and stands before the permissions that the kernel and Node keep.
 */
export function stripProcess(): void {
  remove(process, POWERS);
  remove(globalThis, GLOBALS);
}

function remove(from: object, names: string): void {
  for (const name of names.split(/\s+/)) {
    try {
      // Some are getters, some cannot be deleted; what stays must at least say nothing.
      if (!Reflect.deleteProperty(from, name)) Reflect.set(from, name, undefined);
    } catch {
      // A frozen one: the permissions hold it.
    }
  }
}
