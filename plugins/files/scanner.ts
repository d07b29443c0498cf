import { connect, type Socket } from 'node:net'

/** Looks for viruses. Resolves with what was found; rejects where there is no clear answer, which is not `clean`. */
export type Scan = (content: AsyncIterable<Buffer>) => Promise<'clean' | 'virus'>

const ANSWER_MS = 120_000
const MAX_ANSWER = 4096

/** `tcp://host:3310` or `unix:/run/clamav/clamd.ctl`. */
export function clamdScan(address: string): Scan {
  return async (content) => {
    const socket = open(address)
    socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error('clamd does not answer')))
    try {
      const answering = answerOf(socket)
      // Told at once why: a refusal ends the reading too.
      answering.catch(() => socket.destroy())
      await write(socket, Buffer.from('zINSTREAM\0'))
      for await (const bytes of content) {
        const length = Buffer.alloc(4)
        length.writeUInt32BE(bytes.length)
        await write(socket, Buffer.concat([length, bytes]))
      }
      await write(socket, Buffer.alloc(4))
      return verdictOf(await answering)
    } finally {
      socket.destroy()
    }
  }
}

/** clamd(8): `stream: OK`, `stream: <name> FOUND`; anything else says nothing of the content. */
function verdictOf(answer: string): 'clean' | 'virus' {
  if (answer === 'stream: OK') return 'clean'
  if (answer.startsWith('stream: ') && answer.endsWith(' FOUND')) return 'virus'
  throw new Error('clamd gave no verdict')
}

function open(address: string): Socket {
  if (address.startsWith('unix:')) return connect(address.slice('unix:'.length))
  const { hostname, port } = new URL(address)
  return connect(Number(port), hostname.replace(/^\[|\]$/g, ''))
}

function write(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    if (socket.destroyed) return reject(new Error('clamd has gone'))
    const gone = () => reject(new Error('clamd has gone'))
    socket.once('close', gone)
    socket.write(bytes, (error) => {
      socket.off('close', gone)
      if (error) reject(error)
      else resolve()
    })
  })
}

function answerOf(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('clamd has gone')))
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      const end = text.indexOf('\0')
      if (end >= 0) resolve(text.slice(0, end).trim())
      else if (text.length > MAX_ANSWER) reject(new Error('clamd says too much'))
    })
  })
}
