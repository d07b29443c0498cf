import { processIo } from './io.ts'
import { run } from './run.ts'

// Whoever has read enough (`hub services | head`) closes the pipe: no fault, and nothing more to say.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

process.exitCode = await run(process.argv.slice(2), processIo())

// All is done and told. What is still open by then is a connection whose other side says nothing, and would stay open for ever.
setTimeout(() => process.exit(), 2000).unref()
