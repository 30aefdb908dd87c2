/** The same thing, closed at the end of the block that declares it with `await using`, whatever happens there. */
export function closing<Open extends { close(): unknown }>(open: Open): Open & AsyncDisposable {
  const dispose = async () => {
    await open.close();
  };
  return Object.assign(open, { [Symbol.asyncDispose]: dispose });
}
