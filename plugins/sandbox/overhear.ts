/** Passes on what the process writes to its standard streams, and keeps it until `stop`. */
export function overhear(): { text(): string; stop(): void } {
  const chunks: string[] = []
  const stops = [process.stdout, process.stderr].map((stream) => {
    const { write } = stream
    stream.write = ((chunk: string | Uint8Array, ...rest: []) => {
      chunks.push(String(chunk))
      return write.call(stream, chunk, ...rest)
    }) as typeof write
    return () => {
      stream.write = write
    }
  })
  return {
    text: () => chunks.join(''),
    stop: () => {
      for (const stop of stops) stop()
    },
  }
}
